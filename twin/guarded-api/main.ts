import { buildApi } from "./api.ts";
import { crashAtStart } from "./release.ts";
import { readSettings } from "./settings.ts";

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
  if (settings.SOCKET_PATH === undefined) {
    await app.listen({ host: "127.0.0.1", port: settings.PORT ?? 0 });
  } else {
    await app.listen({ path: settings.SOCKET_PATH });
  }
} else {
  process.stderr.write(`The API does not start:\n${read.wrong.map((it) => `  ${it}\n`).join("")}`);
  process.exitCode = 1;
}
