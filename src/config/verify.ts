import { MACHINES } from "../../state-machines/index.ts";
import type { TargetConfig } from "./config.ts";
import type { SourceDocument } from "./document.ts";
import type { Fault, Path } from "./fault.ts";
import { describe } from "./issues.ts";
import { groupOf } from "./plain.ts";
import { kindsOf, verifiable } from "./possible-acts.ts";
import { hint } from "./suggest.ts";
import { watching } from "./verification.ts";

const LOOKS_MAX = 100;

/** How many healthy looks in a row, by signal. */
export type Verify = { readonly [signal: string]: number };

/** What a runbook verifies by beside the incident's own signal, as it stands at `path`. */
export function readVerify(
  document: SourceDocument,
  path: Path,
  machine: string,
  written: unknown,
): { readonly verify: Verify; readonly faults: readonly Fault[] } {
  const verify: Record<string, number> = {};
  const faults: Fault[] = [];
  const acts = MACHINES[machine]?.bounds.includes("actsMax") === true;
  if (!acts && written !== undefined) {
    const message = `the machine ${machine} has no act whose effect could be verified`;
    return { verify, faults: [document.faultAtKey("verify-unused", path, message)] };
  }
  const known = verifiable();
  for (const [name, looks] of Object.entries(groupOf(written))) {
    const place = [...path, name];
    if (!known.includes(name)) {
      const message = `there is no signal "${name}"${hint(name, known)}`;
      faults.push(document.faultAtKey("signal-unknown", place, message));
    } else if (isCount(looks)) verify[name] = looks;
    else {
      const message = `expected a whole number from 1 to ${LOOKS_MAX}, found ${describe(looks)}`;
      faults.push(document.fault("wrong-value", place, message));
    }
  }
  return { verify, faults };
}

function isCount(value: unknown): value is number {
  return typeof value === "number" && Number.isInteger(value) && value >= 1 && value <= LOOKS_MAX;
}

/** What a person wants to verify by, and no probe of any target on which the kind can open ever judges: it would never be proven. */
export function checkWatched(
  document: SourceDocument,
  written: { readonly [machine: string]: Verify },
  targets: readonly TargetConfig[],
): readonly Fault[] {
  return Object.entries(written).flatMap(([machine, verify]) => {
    const concerned = targets.filter((target) =>
      kindsOf(target).some(({ kind }) => kind === machine),
    );
    return Object.keys(verify)
      .filter((name) => !concerned.some((target) => watching(target, name).length > 0))
      .map((name) => {
        const message =
          concerned.length === 0
            ? `nobody watches ${name}: ${machine} cannot open on any target`
            : `nobody watches ${name} of ${concerned.map((target) => target.name).join(", ")}: no act would ever be proven to help`;
        return document.faultAtKey("signal-unwatched", ["verify", machine, name], message);
      });
  });
}
