import { run } from "./run.ts";
const [from = 1, count = 1] = process.argv.slice(2).map(Number);
const sum: Record<string, number> = {};
const isStory = count === 1;
for (let seed = from; seed < from + count; seed += 1) {
  const began = process.cpuUsage();
  const outcome = await run(
    seed,
    isStory
      ? (at, who, text) =>
          console.log(`${(at / 1000).toFixed(1).padStart(7)} ${who.padEnd(8)} ${text}`)
      : undefined,
  );
  for (const [k, v] of Object.entries(outcome.counts)) sum[k] = (sum[k] ?? 0) + v;
  sum.minutes = (sum.minutes ?? 0) + outcome.minutes;
  const used = process.cpuUsage(began);
  if (isStory || outcome.violations.length)
    console.log(
      seed,
      `${Math.round((used.user + used.system) / 1000)} ms`,
      JSON.stringify(outcome.counts),
      outcome.violations.map((v) => `${v.rule}: ${v.text}`).join("\n   "),
    );
}
console.log(JSON.stringify(sum));
console.log("cpu", process.cpuUsage().user / 1e6);
