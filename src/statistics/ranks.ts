/** Ranks from 1 with ties sharing their mean, in the order of the input, and the sizes of the groups of equal values. */
export function midranks(values: readonly number[]): {
  readonly ranks: Float64Array;
  readonly groups: readonly number[];
} {
  const order = values.map((value, index) => ({ value, index })).sort((a, b) => a.value - b.value);
  const ranks = new Float64Array(values.length);
  const groups: number[] = [];
  let start = 0;
  while (start < order.length) {
    const value = order[start]?.value;
    let end = start + 1;
    while (end < order.length && order[end]?.value === value) end += 1;
    for (const { index } of order.slice(start, end)) ranks[index] = (start + 1 + end) / 2;
    groups.push(end - start);
    start = end;
  }
  return { ranks, groups };
}
