import type { Fault } from "./fault.ts";

/**
 * All faults for a terminal: one line each, `file:line:column  path: message`, in the order of the file, and
 * how many there are.
 */
export function explain(faults: readonly Fault[], source: string): string {
  const count = faults.length === 1 ? "1 fault" : `${faults.length} faults`;
  return [...faults.map((fault) => lineOf(fault, source)), `${count} in ${source}`].join("\n");
}

function lineOf(fault: Fault, source: string): string {
  const file = fault.file ?? source;
  const place = fault.line === 0 ? file : `${file}:${fault.line}:${fault.column}`;
  return `${place}  ${fault.path === "" ? "" : `${fault.path}: `}${fault.message}`;
}
