import { headText } from "../domain/chain.ts";
import type { Finding } from "../ports/audit.ts";
import { plain } from "../report/words.ts";
import type { Claims } from "./claims.ts";
import type { Verification } from "./verify.ts";
import { moment } from "./words.ts";

/** What `verify` says to people: the answer first, then what was looked at. */
export function renderVerification(result: Verification, report: Claims | null): string {
  const { journal, findings, more } = result;
  const count = findings.length + more;
  return [
    count === 0
      ? "The books are as they were written."
      : `NOT as they were written: ${count} ${count === 1 ? "finding" : "findings"}.`,
    ...findings.map(findingText),
    ...(more === 0 ? [] : [`  … and ${more} more`]),
    "",
    `  journal    ${journalText(journal)}`,
    ...(journal.chainedLater === null
      ? []
      : [
          `             up to #${journal.chainedLater.seq} it was written before there was a chain, and chained at an update`,
        ]),
    `  heads.txt  ${headsText(result)}`,
    `  decisions  ${decisionsText(result)}`,
    `  tables     ${result.tablesChecked ? "compared with what the journal leads to" : "not compared: the journal is not whole"}`,
    ...result.given.map((head) => `  head       ${headText(head)} is in the journal`),
    ...(report === null ? [] : [`  report     ${claimsText(report)}`]),
  ].join("\n");
}

function findingText({ seq, at, where, text }: Finding): string {
  const place = seq === null ? "" : `#${seq} `;
  const time = at === null ? "" : `${moment(at)} `;
  return `  ${place}${time}${plain(where)}: ${plain(text)}`;
}

function journalText({ entries, first, head, pruned }: Verification["journal"]): string {
  if (first === null || head === null) return "no entries";
  const after = pruned === null ? "" : `; up to #${pruned.seq} it was removed`;
  return `${entries} entries, #${first.seq} of ${moment(first.at)} to #${head.seq} of ${moment(head.at)}, head ${headText(head)}${after}`;
}

function headsText({ heads, journal }: Verification): string {
  if (heads === null) return "not there";
  const behind = (journal.head?.seq ?? 0) - heads;
  return `${heads} heads${behind > 0 ? `, ${behind} fewer than entries: written with the next one` : ""}`;
}

function decisionsText({ decisions, journal }: Verification): string {
  const { same, otherRules, otherVersion } = decisions;
  const rest = journal.entries - same - otherRules - otherVersion;
  return [
    `${same} made again from what was recorded, the same`,
    ...(otherRules === 0
      ? []
      : [
          `${otherRules} not: the journal does not hold their configuration (name it with --config)`,
        ]),
    ...(otherVersion === 0
      ? []
      : [`${otherVersion} differ and were made by another version of Signalman`]),
    ...(rest > 0 ? [`${rest} not: the chain before them is broken, or they differ`] : []),
  ].join("; ");
}

function claimsText({ sources, samplesGone, findings }: Claims): string {
  const gone = samplesGone.length;
  return [
    `${sources} sources, ${findings.length === 0 ? "all there" : `${findings.length} not right`}`,
    ...(gone === 0
      ? []
      : [
          `${gone === 1 ? "one sample is" : `${gone} samples are`} kept no more (samples may be thinned or lost)`,
        ]),
  ].join("; ");
}

/** The findings of a report belong to the others: the answer is one. */
export function withClaims(result: Verification, report: Claims | null): Verification {
  if (report === null || report.findings.length === 0) return result;
  return { ...result, ok: false, findings: [...result.findings, ...report.findings] };
}
