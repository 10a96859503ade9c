import { problem } from "../../domain/problem.ts";
import type { BatchDetector } from "../batch.ts";

export interface CertificateSettings {
  /** People are told when fewer whole days than this are left; 0 never tells. */
  readonly warnDays: number;
  /** So many of the last `openOf` looks below begin the warning, `openOf` in a row that are not end it. */
  readonly openAfter: number;
  readonly openOf: number;
}

export interface CertificateState {
  /** The last looks: below or not. */
  readonly recent: readonly boolean[];
  /** The first look below, while the warning stands or begins. */
  readonly since: number | null;
  readonly isWarning: boolean;
}

/**
 * Says when a certificate ends soon. It opens nothing: an incident would stay open for weeks, explain every other failure of
 * its target away and hold back what helps. Several servers behind one name may have unlike certificates, and the worst of
 * them counts, so that some good looks between do not end it.
 */
export const certificate: BatchDetector<CertificateState, CertificateSettings> = {
  name: "certificate",
  turn: 9,
  opens: null,
  reads: ["certificateDaysLeft"],
  start: { recent: [], since: null, isWarning: false },
  defaults: { warnDays: 14, openAfter: 3, openOf: 5 },
  judge(before, batch, settings) {
    const days = batch.details?.["certificateDaysLeft"];
    if (typeof days !== "number") {
      const evidence = { daysLeft: null, warnDays: settings.warnDays };
      const judgement = {
        state: "inconclusive",
        onset: before.since,
        failing: false,
        evidence,
      } as const;
      return { state: before, judgement };
    }
    const recent = [...before.recent, days < settings.warnDays].slice(-settings.openOf);
    const below = recent.filter(Boolean).length;
    const isOver = below === 0 && (recent.length === settings.openOf || !before.isWarning);
    const isWarning = below >= settings.openAfter || (before.isWarning && !isOver);
    const since = below === 0 && !isWarning ? null : (before.since ?? batch.ts);
    const isKnown = isWarning || isOver;
    return {
      state: { recent, since, isWarning },
      judgement: {
        state: isWarning ? "breached" : isKnown ? "healthy" : "inconclusive",
        onset: since,
        failing: false,
        evidence: {
          daysLeft: days,
          warnDays: settings.warnDays,
          below,
          openAfter: settings.openAfter,
        },
        ...(isWarning ? { problem: problem("certificate-ending", words(days)) } : {}),
      },
    };
  },
};

function words(days: number): string {
  return `the certificate ends in ${days < 1 ? "less than a day" : `${days} days`}`;
}
