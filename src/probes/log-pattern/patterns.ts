/** What a line of error is about: the first pattern that fits tells. Case does not matter. */
export interface ErrorClass {
  readonly name: string;
  readonly patterns: readonly RegExp[];
}

export const OTHER = "other";

/**
 * The shipped classes. Each pattern takes a time that grows with the line and not with its square: strangers write the lines. A database that times out is trouble of the database, and so is a service of others: their own words
 * stand before the general ones.
 */
const SHIPPED: readonly ErrorClass[] = [
  {
    name: "database",
    patterns: [
      /\b(postgres(ql)?|psycopg\d?|asyncpg|pg[-_ ]?pool|sqlalchemy|sqlite|mysql|prisma|sequelize|typeorm|knex)\b/,
      /\b(deadlock detected|too many (clients|connections)|remaining connection slots|statement timeout|database is (locked|starting up)|database system|could not connect to server|connection terminated)/,
      /\b(queuepool limit|pool (is )?exhausted|undefinedtable|duplicate key value|operationalerror|interfaceerror)\b/,
      /\bdatabase\b/,
    ],
  },
  {
    name: "external-api",
    patterns: [
      /\b(upstream|third[- ]party|external (api|service)|webhook delivery)\b/,
      /^(?=.*\b(stripe|openai|anthropic|twilio|sendgrid|slack|plaid|alpaca|broker)\b)(?=.*\b(error|fail|timed? ?out|unavailable|refused|5\d\d|429))/s,
      /\b(httpx|requests\.exceptions|aiohttp|urllib3|axioserror|axios|undici|fetch failed|httperror|maxretryerror)\b/,
      /^(?=.*\bhttps?:\/\/)(?=.*\b(5\d\d|429|timed? ?out|refused|failed)\b)/s,
    ],
  },
  {
    name: "timeout",
    patterns: [
      /\b(time[sd]?[- ]?out|timeout\w*|etimedout|esockettimedout|deadline exceeded|worker timeout|gateway time-?out)\b/,
      /timeouterror|timeoutexception/,
    ],
  },
];

/** The shipped classes behind those of the configuration, whose patterns decide first. */
export function classesWith(added: {
  readonly [name: string]: readonly string[];
}): readonly ErrorClass[] {
  const own = Object.entries(added).map(([name, sources]) => ({
    name,
    patterns: sources.map((source) => new RegExp(source, "i")),
  }));
  return [...own, ...SHIPPED];
}

/** The class of a line; `other` where no pattern fits. */
export function classOf(text: string, classes: readonly ErrorClass[]): string {
  const small = text.toLowerCase();
  return classes.find(({ patterns }) => patterns.some((one) => one.test(small)))?.name ?? OTHER;
}

/**
 * Whether the platform's "error" is one. Everything on standard error is called so, and many programs write all of their log
 * there: a line that says of itself that it is less is believed.
 */
export function isError(severity: string, message: string): boolean {
  if (!/^(err|error|fatal|crit|critical|alert|emerg|emergency|panic)$/i.test(severity))
    return false;
  return !LESSER.test(message);
}

/** A word of rank as the first word, behind dates, numbers and brackets; PostgreSQL's `LOG` among them. */
const LESSER =
  /^[^A-Za-z]*(?:(?:UTC|GMT|T|Z)[^A-Za-z]+)*(?:TRACE|DEBUG\d?|INFO|NOTICE|LOG|WARN|WARNING|HINT|DETAIL|STATEMENT)\b/;
