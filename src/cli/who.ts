import { userInfo } from "node:os";

/** Longer names are cut: they stand in every message. */
const NAME_MAX = 60;

/** Who gives an order, and by which way: `ann (command line)`. */
export function byCommandLine(name: string | undefined): string {
  const said = (name ?? "").trim() || userName();
  return `${said.slice(0, NAME_MAX)} (command line)`;
}

function userName(): string {
  try {
    return userInfo().username;
  } catch {
    return "somebody";
  }
}
