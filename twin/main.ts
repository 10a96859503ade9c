import { parseArgs } from "node:util";
import { startTwin, type TwinOptions } from "./index.ts";
import { BEHAVIOURS } from "./guarded-api/settings.ts";

const USAGE = `node twin/main.ts [--port N] [--data DIR] [--behaviour B] [--with-parent]
  --port N        the platform's port (default: a free one)
  --data DIR      keep PostgreSQL's data in DIR (default: fresh data at each start)
  --lag MS        how late the platform reports what happened (default 300)
  --metrics-lag MS  how much later still it shows metrics (default 0)
  --budget N      GraphQL requests per hour (default 1000)
  --burst N       GraphQL requests per second (default 10)
  --behaviour B   how the API's first release behaves, as one that is pushed
  --rate N        and how much of it
  --age MS        for how long everything was deployed before, by the platform's word (default 0)
  --with-parent   end when standard input ends`;

const options = readOptions();
if (options === undefined) {
  process.stderr.write(`${USAGE}\n`);
  process.exitCode = 2;
} else {
  await run(options.twin, options.withParent);
}

async function run(twinOptions: TwinOptions, withParent: boolean): Promise<void> {
  const starting = new AbortController();
  let stop = async () => starting.abort();
  const end = () => void stop();
  process.once("SIGTERM", end);
  process.once("SIGINT", end);
  // A reader that goes away is no reason to leave children behind.
  process.stdout.on("error", end);
  if (withParent) process.stdin.on("close", end).on("error", end).resume();
  const twin = await startTwin({ ...twinOptions, signal: starting.signal }).catch(
    (error: unknown) => {
      if (starting.signal.aborted) process.exit(0);
      const why = error instanceof Error ? error.message : String(error);
      process.stderr.write(`The twin does not start: ${why}\n`);
      process.exit(1);
    },
  );
  stop = () => twin.stop().finally(() => process.exit(0));
  const { env, urls, accountToken } = twin;
  process.stdout.write(`${JSON.stringify({ ready: true, ...urls, env, accountToken })}\n`);
}

function readOptions(): { twin: TwinOptions; withParent: boolean } | undefined {
  try {
    const { values } = parseArgs({
      options: {
        port: { type: "string" },
        data: { type: "string" },
        lag: { type: "string" },
        "metrics-lag": { type: "string", default: "0" },
        budget: { type: "string", default: "1000" },
        burst: { type: "string", default: "10" },
        behaviour: { type: "string", default: "good" },
        rate: { type: "string" },
        age: { type: "string", default: "0" },
        "with-parent": { type: "boolean", default: false },
      },
    });
    const number = (text: string) => {
      if (!/^\d{1,8}$/.test(text)) throw new Error(`${text} is not a number`);
      return Number(text);
    };
    const behaviour = BEHAVIOURS.find((one) => one === values.behaviour);
    if (behaviour === undefined) throw new Error(`${values.behaviour} is no behaviour`);
    const twin: TwinOptions = {
      first: {
        behaviour,
        ...(values.rate === undefined ? {} : { rate: number(values.rate) }),
      },
      ageMs: number(values.age),
      ...(values.port === undefined ? {} : { port: number(values.port) }),
      ...(values.data === undefined ? {} : { data: values.data }),
      ...(values.lag === undefined ? {} : { lagMs: number(values.lag) }),
      metricsLagMs: number(values["metrics-lag"]),
      budget: { perHour: number(values.budget), perSecond: number(values.burst) },
    };
    return { twin, withParent: values["with-parent"] };
  } catch (error) {
    process.stderr.write(`${error instanceof Error ? error.message : String(error)}\n`);
    return undefined;
  }
}
