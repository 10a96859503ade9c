import type { ProblemCode } from "../../domain/problem.ts";
import type { Release } from "../../railway/acts/release.ts";
import { isSameRelease, nameOf } from "../arrival.ts";

/** Commands that change a database's shape, as they are written in start and pre-deploy commands. */
const MIGRATORS: readonly (readonly [name: string, pattern: RegExp])[] = [
  ["alembic", /\balembic\b[^;&|]*\b(upgrade|downgrade|stamp)\b/],
  ["flask", /\bflask\b[^;&|]*\bdb\s+(upgrade|migrate)\b/],
  ["django", /\b(manage\.py|django-admin)\b[^;&|]*\bmigrate\b/],
  ["prisma", /\bprisma\b[^;&|]*\b(migrate|db\s+push|db\s+execute)\b/],
  ["knex", /\bknex\b[^;&|]*\bmigrate:/],
  ["typeorm", /\btypeorm\b[^;&|]*\b(migration:|schema:sync)/],
  ["sequelize", /\bsequelize(-cli)?\b[^;&|]*\bdb:migrate\b/],
  ["drizzle", /\bdrizzle-kit\b[^;&|]*\b(migrate|push)\b/],
  ["mikro-orm", /\bmikro-orm\b[^;&|]*\b(migration:|schema:)/],
  ["node-pg-migrate", /\bnode-pg-migrate\b/],
  ["db-migrate", /\bdb-migrate\b/],
  ["dbmate", /\bdbmate\b/],
  ["flyway", /\bflyway\b/],
  ["liquibase", /\bliquibase\b/],
  ["rails", /\b(rails|rake)\b[^;&|]*\bdb:(migrate|prepare|setup|schema)/],
  ["laravel", /\bartisan\b[^;&|]*\bmigrate\b/],
  ["doctrine", /\bdoctrine:(migrations|schema)/],
  ["ecto", /\becto\.migrate\b|\bMigrator\b|\bRelease\.migrate\b/],
  ["goose", /\bgoose\b[^;&|]*\bup/],
  ["atlas", /\batlas\b[^;&|]*\b(migrate|schema)\b/],
  ["sqlx", /\bsqlx\b[^;&|]*\bmigrat/],
  ["diesel", /\bdiesel\b[^;&|]*\bmigration\b/],
  ["golang-migrate", /\bmigrate\b[^;&|]*-(path|database|source)\b/],
  ["something called migrate", /migrat/i],
];

/** Commands behind which anything can be. */
const OPAQUE = /\.sh\b|\bmake\b|\b(ba|z)?sh\s+-c\b|\bjust\s|\btask\s/;
/** A pre-deploy command is nearly always there to migrate: only what plainly does something else is let through. */
const HARMLESS = /^\s*(echo|true|:|ls|env|printenv|node\s+--version|curl|wget)\b[^;&|]*$/;

/** What going back over these releases means for the database: a reason for a person to look first, or null. */
export function migrationDoubt(
  releases: readonly Release[],
  target: Release,
): { readonly code: ProblemCode; readonly detail: string } | null {
  // Also what failed: its pre-deploy command may have run before it did.
  const between = releases.filter(
    (one) =>
      one.createdAt > target.createdAt &&
      one.status !== "SKIPPED" &&
      isSameRelease(one.manifest, target.manifest) !== true,
  );
  const judged = between.map((one) => ({ one, ...judge(one) }));
  const migrating = judged.find(({ verdict }) => verdict === "migrates");
  if (migrating !== undefined) {
    const detail = `${nameOf(migrating.one.manifest)} migrates the database (${migrating.by}): older code may not fit it`;
    return { code: "migration-between", detail };
  }
  const opaque = judged.find(({ verdict }) => verdict === "unknown");
  if (opaque === undefined) return null;
  const detail = `whether ${nameOf(opaque.one.manifest)} migrated the database cannot be known (${opaque.by})`;
  return { code: "migration-unknown", detail };
}

function judge({ manifest }: Release): {
  readonly verdict: "migrates" | "unknown" | "plain";
  readonly by: string;
} {
  if (!manifest.isKnown) return { verdict: "unknown", by: "Railway does not say its commands" };
  const commands = [
    ["start command", manifest.startCommand ?? ""],
    ["pre-deploy command", manifest.preDeployCommand ?? ""],
  ] as const;
  for (const [place, command] of commands) {
    const found = MIGRATORS.find(([, pattern]) => pattern.test(command));
    if (found !== undefined) return { verdict: "migrates", by: `${found[0]} in its ${place}` };
  }
  for (const [place, command] of commands) {
    if (OPAQUE.test(command)) return { verdict: "unknown", by: `a script in its ${place}` };
  }
  const { preDeployCommand } = manifest;
  if (
    preDeployCommand !== null &&
    preDeployCommand.trim() !== "" &&
    !HARMLESS.test(preDeployCommand)
  )
    return { verdict: "unknown", by: "a pre-deploy command nobody here knows" };
  return { verdict: "plain", by: "" };
}
