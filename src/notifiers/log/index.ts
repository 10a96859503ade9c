import type { Notifier } from "../../ports/notifier.ts";

/** Where no channel is configured, the log is told: nothing is lost, and nobody is woken. */
export function createLogNotifier(
  write: (title: string, lines: readonly string[]) => void,
): Notifier {
  return {
    kind: "log",
    send: (notice) => {
      write(notice.title, notice.lines);
      return Promise.resolve({ kind: "delivered" });
    },
  };
}
