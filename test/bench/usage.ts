/** Loaded before the program that is measured: at its end it says on descriptor 3 what it took. */
import { writeSync } from "node:fs";

process.on("exit", () => {
  const { maxRSS, userCPUTime, systemCPUTime } = process.resourceUsage();
  writeSync(3, JSON.stringify({ peakKib: maxRSS, cpuMicros: userCPUTime + systemCPUTime }));
});
