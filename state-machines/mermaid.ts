import type { AnyStateMachine, AnyStateNode, AnyTransitionDefinition } from "xstate";

/**
 * A machine as a Mermaid state diagram: `event [guard] / effects` on the arrows, what a state asks for and tells inside it, delays by
 * the name of their bound. `from everywhere` stands for what is heard in all states.
 */
export function mermaid({ root }: AnyStateMachine): string {
  const nodes = below(root);
  const ends = nodes.filter(({ type }) => type === "final");
  const persons = nodes.filter(({ tags }) => tags.includes("person"));
  return [
    "stateDiagram-v2",
    ...root.initial.target.map((first) => `  [*] --> ${idOf(first)}`),
    ...children(root).flatMap((child) => drawn(child, "  ")),
    ...(root.transitions.size === 0 ? [] : [`  state "from everywhere" as ${ANYWHERE}`]),
    ...arrows(nodes, root, (from, to) => commonOf(from, to) === root),
    ...ends.map((end) => `  ${idOf(end)} --> [*]`),
    "  classDef person fill:#fff3bf,stroke:#946200,color:#000",
    ...persons.map((person) => `  class ${idOf(person)} person`),
    "",
  ].join("\n");
}

const ANYWHERE = "anywhere";

function drawn(node: AnyStateNode, indent: string): readonly string[] {
  const id = idOf(node);
  const states = children(node);
  if (states.length === 0)
    return [`state "${node.key}" as ${id}`, ...wordsOf(node).map((word) => `${id} : ${word}`)].map(
      (line) => `${indent}${line}`,
    );
  return [
    `${indent}state "${node.key}" as ${id} {`,
    ...node.initial.target.map((first) => `${indent}  [*] --> ${idOf(first)}`),
    ...states.flatMap((child) => drawn(child, `${indent}  `)),
    ...arrows(below(node), node, (from, to) => commonOf(from, to) === node).map(
      (line) => `${indent}${line}`,
    ),
    `${indent}}`,
  ];
}

/** What stands in a state: who has it, what it asks for and tells, and what is heard there without leaving it. */
function wordsOf(node: AnyStateNode): readonly string[] {
  const listening = lineageOf(node).flatMap(({ transitions }) => [...transitions.values()].flat());
  const stays = listening.filter(({ target }) => target === undefined);
  return [
    ...(node.tags.includes("person") ? ["a person has it"] : []),
    ...effectsOf(enteredWith(node).flatMap(({ entry }) => entry)),
    ...(stays.length === 0 ? [] : [`hears ${[...new Set(stays.map(labelOf))].join(", ")}`]),
  ];
}

/** The state, and what it is in where that begins with it. */
function enteredWith(node: AnyStateNode): readonly AnyStateNode[] {
  const isFirst = node.parent?.parent !== undefined && node.parent.initial.target.includes(node);
  return isFirst && node.parent !== undefined ? [...enteredWith(node.parent), node] : [node];
}

/** Arrows that belong into this frame; those between the same two states are one. */
function arrows(
  nodes: readonly AnyStateNode[],
  frame: AnyStateNode,
  belongs: (from: AnyStateNode, to: AnyStateNode) => boolean,
): readonly string[] {
  const labels = new Map<string, string[]>();
  for (const node of [frame, ...nodes]) {
    const all = [...[...node.transitions.values()].flat(), ...(node.always ?? [])];
    for (const one of all) {
      for (const target of one.target ?? []) {
        for (const from of startsOf(node, target)) {
          if (!belongs(from, target)) continue;
          const arrow = `${from.parent === undefined ? ANYWHERE : idOf(from)} --> ${idOf(target)}`;
          labels.set(arrow, [...(labels.get(arrow) ?? []), labelOf(one)]);
        }
      }
    }
  }
  return [...labels].map(([arrow, all]) => `  ${arrow} : ${[...new Set(all)].join(", ")}`);
}

/** Mermaid cannot draw from a state into itself, so what all inner states hear is drawn from each of them. */
function startsOf(node: AnyStateNode, target: AnyStateNode): readonly AnyStateNode[] {
  const isInside = node.parent !== undefined && node !== target && lineageOf(target).includes(node);
  return isInside ? children(node).filter((child) => child !== target) : [node];
}

/** The innermost frame that holds both. */
function commonOf(from: AnyStateNode, to: AnyStateNode): AnyStateNode {
  const frames = lineageOf(to).filter((node) => node !== to);
  const of = from.parent ?? from;
  return [of, ...lineageOf(of)].find((node) => frames.includes(node)) ?? of.machine.root;
}

/** `confirm.seen [saysDown]`, `after look`, `always [isContained] / tells opened`. */
function labelOf(one: AnyTransitionDefinition): string {
  const guard: unknown = one.guard;
  const effects = effectsOf(one.actions);
  return [
    eventOf(one),
    ...(guard === undefined ? [] : [`[${nameOf(guard)}]`]),
    ...(effects.length === 0 ? [] : ["/", effects.join(" and ")]),
  ].join(" ");
}

function eventOf({ eventType, source }: AnyTransitionDefinition): string {
  if (eventType === "") return "always";
  const [, delay] = /^xstate\.after\.(.*)$/.exec(eventType) ?? [];
  return delay === undefined ? eventType : `after ${delay.slice(0, -source.id.length - 1)}`;
}

const VERBS: { readonly [effect: string]: string } = {
  ask: "asks for",
  tell: "tells",
  judge: "judges",
};

function effectsOf(actions: readonly unknown[]): readonly string[] {
  return actions.flatMap((action) => {
    const [type = "", ...words] = nameOf(action).split(" ");
    const verb = VERBS[type];
    return verb === undefined ? [] : [[verb, ...words].join(" ")];
  });
}

/** A guard or an action by its name and its parameters, as far as those are written down. */
function nameOf(part: unknown): string {
  if (typeof part !== "object" || part === null || !("type" in part)) return String(part);
  const params = "params" in part && typeof part.params === "object" ? part.params : {};
  return [part.type, ...Object.values(params ?? {})].map(String).join(" ");
}

/** A state, and all states that it is in, without the machine itself. */
function lineageOf(node: AnyStateNode): readonly AnyStateNode[] {
  return node.parent === undefined ? [] : [node, ...lineageOf(node.parent)];
}

function below(node: AnyStateNode): readonly AnyStateNode[] {
  return children(node).flatMap((child) => [child, ...below(child)]);
}

function children(node: AnyStateNode): readonly AnyStateNode[] {
  return Object.values(node.states);
}

/** Mermaid takes neither dots nor hyphens in the name of a state. */
function idOf({ path }: AnyStateNode): string {
  return path.join("_").replaceAll("-", "_");
}
