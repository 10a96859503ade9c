import type { Values } from "../../domain/observation.ts";
import { define } from "../definition.ts";
import { looking, type Finding } from "../looking.ts";
import { exhausted } from "../exhausted.ts";
import { Config } from "./config.ts";
import { loginOf, open, type Connection } from "./connection.ts";
import { readInfo } from "./info.ts";
import { byRedis, isAboutLogin, isAnswer } from "./problems.ts";

/**
 * Asks Redis over a fresh connection: 1 when it answers PING, 0 when it is away, loading or serves nobody, null when only we
 * may be at fault. What INFO says comes along where the user may ask for it.
 */
export const definition = define({
  kind: "redis",
  Config,
  example: { kind: "redis", url: "redis://localhost" },
  opens: "redis-down",
  measures: ["memory"],
  nameOf: () => "redis",
  isSecretUrl: true,
  create({ config, target, name, now }) {
    const remember = exhausted();
    return looking({
      target,
      name,
      kind: "redis",
      timeoutMs: config.timeout,
      now: now ?? Date.now,
      find: async (signal, soFar) => remember(await look(config.url, signal, soFar)),
      close: async () => undefined,
    });
  },
});

async function look(
  url: string,
  signal: AbortSignal,
  soFar: (finding: Finding) => void,
): Promise<Finding> {
  const login = loginOf(url);
  const connection = open(url, [
    ...(login === null ? [] : [login]),
    ["ping"],
    ["info"],
    // For people who look at CLIENT LIST; a user who may not is nobody's concern.
    ["client", "setname", "signalman"],
  ]);
  const cut = () => connection.destroy();
  signal.addEventListener("abort", cut, { once: true });
  try {
    return await ask(connection, login !== null, soFar);
  } catch (error) {
    return byRedis(isAnswer(error) ? error : (connection.failure() ?? error));
  } finally {
    signal.removeEventListener("abort", cut);
    connection.destroy();
  }
}

async function ask(
  connection: Connection,
  isLoggingIn: boolean,
  soFar: (finding: Finding) => void,
): Promise<Finding> {
  const begun = performance.now();
  await connection.ready;
  const connected = performance.now();
  const answers = connection.ask();
  const [login, pong, info] = isLoggingIn ? answers : [undefined, ...answers];
  try {
    const said = await pong;
    if (said !== "PONG") throw new Error(`what answers there says "${said}" to PING`);
  } catch (error) {
    // The first word is the reason of what followed: nothing is allowed without the login, and a door was shut after it.
    if (!isAnswer(error) || isAboutLogin(error)) await login;
    throw error;
  }
  const times = {
    connectMs: Math.round(connected - begun),
    pingMs: Math.round(performance.now() - connected),
  };
  soFar({ value: 1, details: times });
  const told = await info?.then(readInfo).catch(() => null);
  if (told === undefined || told === null) return { value: 1, details: times };
  return {
    value: 1,
    ...(told.processStart === null ? {} : { processStart: told.processStart }),
    more: told.values satisfies Values,
    details: { ...times, ...told.details },
  };
}
