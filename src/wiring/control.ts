import type { ControlParts } from "../api/control.ts";
import type { Pause } from "../domain/pause.ts";
import type { Dispatcher } from "../engine/dispatcher.ts";
import { layPause, removePause } from "../storage/pause-file.ts";
import { writeTargetNames } from "../storage/target-names.ts";
import type { OrderDesk } from "./orders.ts";
import type { AppParts } from "./parts.ts";

/** What people may ask and say over HTTP. */
export function controlParts(
  { config, clock, log }: AppParts,
  dispatcher: Dispatcher,
  desk: OrderDesk,
  pause: { read(): Pause | null; notice(): Promise<boolean> },
  onError: (error: unknown) => void,
): ControlParts {
  const { dataFolder } = config;
  return {
    tokens: config.tokens,
    isLocal: config.host === "127.0.0.1",
    now: () => clock.now(),
    world: () => dispatcher.world(),
    give: (order) => desk.give(order),
    pause: {
      targets: config.targets.map(({ name }) => name),
      isByEnvironment: config.paused,
      read: () => pause.read(),
      lay: async (wanted) => {
        const laid = layPause(dataFolder, wanted, clock.now());
        // In force by its file, also while the journal cannot be written.
        await pause.notice();
        return laid;
      },
      lift: async (target) => {
        const ended = removePause(dataFolder, clock.now(), target);
        await pause.notice();
        return ended;
      },
    },
    onRefused: (code, route) => log.warn({ code, route }, "a request to the API was refused"),
    onError,
  };
}

/** For commands, which do not read the configuration. Without it they cannot tell a wrong name. */
export function leaveTargetNames({ config, log }: AppParts): void {
  try {
    writeTargetNames(
      config.dataFolder,
      config.targets.map(({ name }) => name),
    );
  } catch (error) {
    log.warn({ error: String(error) }, "the names of the targets could not be left for commands");
  }
}
