import { buildApi } from "./api.ts";
import { crashAtStart } from "./release.ts";
import { readSettings } from "./settings.ts";

/** The game days' memory leak: 2 MB ten times a second, up to what a small container has. */
function leak(): void {
  const kept: Buffer[] = [];
  const timer = setInterval(() => {
    kept.push(Buffer.alloc(2_000_000, 1));
    if (kept.length >= 200) clearInterval(timer);
  }, 100);
}

const read = readSettings(process.env);
if (read.ok) {
  const { settings } = read;
  crashAtStart(settings);
  const app = await buildApi(settings);
  const end = () => void app.close().finally(() => process.exit(0));
  process.once("SIGTERM", end);
  process.once("SIGINT", end);
  if (process.argv.includes("--with-parent")) process.stdin.on("close", end).resume();
  process.once("disconnect", end);
  process.once("SIGUSR2", leak);
  if (settings.SOCKET_PATH === undefined) {
    await app.listen({ host: "127.0.0.1", port: settings.PORT ?? 0 });
  } else {
    await app.listen({ path: settings.SOCKET_PATH });
  }
} else {
  process.stderr.write(`The API does not start:\n${read.wrong.map((it) => `  ${it}\n`).join("")}`);
  process.exitCode = 1;
}
