import { Command, CommanderError } from "commander";

import { register as approvals } from "./cli/approvals.ts";
import { register as check } from "./cli/check.ts";
import { register as doctor } from "./cli/doctor.ts";
import { register as gameday } from "./cli/gameday.ts";
import { register as graph } from "./cli/graph.ts";
import { register as incidents } from "./cli/incidents.ts";
import { processIo } from "./cli/io.ts";
import { register as orders } from "./cli/orders.ts";
import { register as pause } from "./cli/pause.ts";
import { register as record } from "./cli/record.ts";
import { register as replay } from "./cli/replay.ts";
import { register as report } from "./cli/report.ts";
import { register as score } from "./cli/score.ts";
import { register as start } from "./cli/start.ts";
import { register as verify } from "./cli/verify.ts";
import { register as why } from "./cli/why.ts";
import { VERSION } from "./version.ts";

const io = processIo();
const program = new Command("signalman")
  .description(
    "Guards a hosted API on Railway: watches, decides, acts, and proves that it acted once and that it helped.",
  )
  .version(VERSION)
  .exitOverride()
  .showHelpAfterError("(signalman --help lists the commands)");
for (const register of [
  start,
  check,
  doctor,
  incidents,
  why,
  report,
  verify,
  pause,
  orders,
  approvals,
  gameday,
  graph,
  record,
  replay,
  score,
])
  register(program, io);

try {
  await program.parseAsync();
} catch (error) {
  // Commander has already written what was wrong; help and version are no errors.
  if (!(error instanceof CommanderError)) throw error;
  if (error.exitCode !== 0) io.exit(2);
}
