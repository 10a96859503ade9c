import { isHearsay } from "../domain/hint.ts";
import { createPanel, type Panel } from "../detectors/panel.ts";
import { probes } from "../probes/index.ts";
import type { ProbeConfig, TargetConfig } from "./config.ts";

/**
 * The detectors of each probe with the thresholds that the configuration gives it; what it does not name is judged by shipped
 * defaults. The daemon and replay take their panels from here.
 */
export function panelsFor(
  targets: readonly TargetConfig[],
): (target: string, probe: string) => Panel {
  return (targetName, name) => {
    const target = targets.find((candidate) => candidate.name === targetName);
    const configured = target?.probes ?? [];
    const probe = configured.find((candidate) => candidate.name === name);
    // A recording may come from elsewhere: then the target's first probe tells what kind of thing it is.
    const opens = openedBy(probe ?? configured[0]) ?? openedByName(targetName);
    return createPanel({
      target: targetName,
      probe: name,
      opens,
      isHearsay: isHearsay(`${targetName}|${name}`),
      ...(probe === undefined
        ? {}
        : {
            up: { openAfter: probe.openAfter, closeAfter: probe.closeAfter },
          }),
      detectors: { ...target?.detect, ...(probe === undefined ? {} : thresholdsOf(probe)) },
    });
  };
}

function openedBy(probe: ProbeConfig | undefined): string | null {
  return probe === undefined ? null : probes[probe.kind].opens;
}

/** What a kind's own keys say to detectors. */
function thresholdsOf({ settings }: ProbeConfig): { readonly [detector: string]: object } {
  return "certificateDays" in settings
    ? { certificate: { warnDays: settings.certificateDays } }
    : {};
}

/** Without a configuration only the name can tell how a target is looked at. */
function openedByName(target: string): string {
  if (/^(postgres|postgresql|pg|database|db)\b/i.test(target)) return "database-down";
  return /^redis\b/i.test(target) ? "redis-down" : "service-down";
}
