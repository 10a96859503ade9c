/** `npm run bench`: 30 days of six signals every 10 s, by the real command. Exit code 1 when it takes more than it may. */
import { measureReplay } from "./replay.ts";

const DAYS = 30;
const SECONDS_MAX = 15;
const PEAK_MB_MAX = 400;

const { lines, seconds, cpuSeconds, peakMb, output } = await measureReplay(DAYS);
const isMet = seconds <= SECONDS_MAX && peakMb <= PEAK_MB_MAX;
process.stdout.write(
  `${[
    `replay of ${DAYS} days, ${lines} lines: ${output.length} lines of output`,
    `time    ${seconds.toFixed(1)} s of at most ${SECONDS_MAX} s (${cpuSeconds.toFixed(1)} s of CPU time)`,
    `memory  ${peakMb.toFixed(0)} MB of at most ${PEAK_MB_MAX} MB at its peak`,
    isMet ? "within its bounds" : "over its bounds",
  ].join("\n")}\n`,
);
process.exitCode = isMet ? 0 : 1;
