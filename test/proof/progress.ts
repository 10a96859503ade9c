import type { Exploration, Node } from "./explore.ts";
import { walk } from "./walk.ts";

/** From every state an end or a person is reached although nobody steps in and nothing else explains it; and an end in any case. */
export function leadsSomewhere({ nodes }: Exploration): readonly string[] {
  const byItself = reaching(
    nodes,
    ({ isEnd, isWithPerson }) => isEnd || isWithPerson,
    (type) => !type.startsWith("person.") && type !== "upstream.opened",
  );
  const atAll = reaching(
    nodes,
    ({ isEnd }) => isEnd,
    () => true,
  );
  return distinct(
    nodes.flatMap((node) => [
      ...(byItself.has(node) ? [] : [`${node.state}: no end and no person is reached`]),
      ...(atAll.has(node) ? [] : [`${node.state}: no end is reached`]),
    ]),
  );
}

/** Every rest has a timer, or an attempt under way (which has a deadline of its own), or a person. */
export function standsStill(of: Exploration): readonly string[] {
  return walk(of, {}, (memory, { to: { isEnd, isWithPerson, timers }, after }) =>
    isEnd || isWithPerson || timers.size > 0 || after !== null
      ? memory
      : "waits, and nothing will wake it",
  );
}

/** Every state from which a goal can be reached over such events. */
function reaching(
  nodes: readonly Node[],
  isGoal: (node: Node) => boolean,
  isAllowed: (type: string) => boolean,
): ReadonlySet<Node> {
  const before = new Map<Node, Node[]>();
  for (const { edges } of nodes) {
    for (const { event, from, to } of edges) {
      if (!isAllowed(event.type)) continue;
      const known = before.get(to) ?? [];
      known.push(from);
      before.set(to, known);
    }
  }
  const queue = nodes.filter(isGoal);
  const found = new Set(queue);
  for (let node = queue.pop(); node !== undefined; node = queue.pop()) {
    for (const one of before.get(node) ?? []) {
      if (found.has(one)) continue;
      found.add(one);
      queue.push(one);
    }
  }
  return found;
}

function distinct(texts: readonly string[]): readonly string[] {
  return [...new Set(texts)].sort();
}
