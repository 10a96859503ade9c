import type { Postgres } from "../processes/postgres.ts";
import type { Evidence, Faults } from "./faults.ts";
import type { RailwayService } from "./railway-service.ts";

const FUNCTION = "function pg_catalog.pg_postmaster_start_time()";

/** Hides and shows when PostgreSQL's process started, as the evidence faults in force demand. */
export type ProcessStart = {
  /** Called after each change of the faults and after each start. A server that does not answer is told at its next start. */
  apply(): Promise<void>;
};

/** The function everybody may call is taken from everybody; the superuser is nobody the daemon connects as. */
export function createProcessStart(
  postgres: Postgres,
  faults: Faults,
  service: RailwayService,
): ProcessStart {
  let isHidden = false;
  const apply = async () => {
    const wanted = isToBeHidden(faults, service);
    if (wanted === isHidden || service.ward === undefined) return;
    const sql = wanted
      ? `revoke execute on ${FUNCTION} from public`
      : `grant execute on ${FUNCTION} to public`;
    try {
      await postgres.query(sql);
      isHidden = wanted;
    } catch {
      // Paused or just dying: the next start applies it.
    }
    const delay = faults.find("delay-evidence");
    if (wanted && delay !== undefined) setTimeout(() => void apply(), delay.fault.ms).unref();
  };
  return { apply };
}

function isToBeHidden(faults: Faults, service: RailwayService): boolean {
  const concerns = (kinds: Evidence[] | undefined) =>
    kinds === undefined || kinds.includes("process-start");
  const withheld = faults.find("withhold-evidence");
  if (withheld !== undefined && concerns(withheld.fault.kinds)) return true;
  const delay = faults.find("delay-evidence");
  if (delay === undefined || !concerns(delay.fault.kinds)) return false;
  const startedAt = service.startedAt ?? 0;
  return startedAt >= delay.since && Date.now() < startedAt + delay.fault.ms;
}
