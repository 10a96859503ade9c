/** Loaded before the program that is measured: at its end it writes what it took to the file that USAGE_FILE names. */
import { writeFileSync } from "node:fs";

process.on("exit", () => {
  const { maxRSS, userCPUTime, systemCPUTime } = process.resourceUsage();
  const usage = { peakKib: maxRSS, cpuMicros: userCPUTime + systemCPUTime };
  writeFileSync(process.env["USAGE_FILE"] ?? "", JSON.stringify(usage));
});
