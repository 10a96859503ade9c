import { MODES, type Mode, type Rules } from "./rules.ts";

/**
 * The lowest of the modes set for this action, kind of incident, machine or target; `default` where none of
 * them is set; capped by `overall`.
 */
export function modeFor(modes: Rules["modes"], scopes: readonly string[]): Mode {
  const set = scopes.flatMap((scope) => modes[scope] ?? []);
  return lowest([...(set.length === 0 ? [modes.default] : set), modes["overall"] ?? "auto"]);
}

function lowest(modes: readonly Mode[]): Mode {
  return MODES[Math.min(...modes.map((mode) => MODES.indexOf(mode)))] ?? "shadow";
}
