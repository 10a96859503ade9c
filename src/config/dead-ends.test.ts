import { createMachine, type AnyStateMachine } from "xstate";
import { describe, expect, it, onTestFinished } from "vitest";

import { MACHINES } from "../../state-machines/index.ts";
import type { MachineDefinition } from "../../state-machines/vocabulary.ts";
import { waysOut } from "../../state-machines/ways-out.ts";
import { deadEndsOf } from "./dead-ends.ts";
import { ENV, faultsOf, loadText } from "./test-files.ts";

const TEXT = (modes: string): string => `version: 1
targets:
  - name: api
    service: backend
    url: http://api.railway.internal:3000
    needs: [postgres]
    probes:
      - { kind: http, path: /health }
      - { kind: prometheus, path: /metrics }
  - name: postgres
    service: Postgres
    probes: [{ kind: postgres, url: { env: DATABASE_URL } }]
switches:
  read-only: { drivers: [{ kind: control, url: http://api.railway.internal/s, secret: { env: SWITCH_SECRET } }] }
hooks: { alertmanager: { secret: { env: SWITCH_SECRET } } }
slack: { webhook: { env: SLACK_WEBHOOK_URL } }
modes: ${modes}
`;
const WITHOUT_TOKEN = { ...ENV, RAILWAY_TOKEN: undefined };

describe("the shipped machines", () => {
  it.each(Object.keys(MACHINES))("%s leads out of every state", (name) => {
    expect(waysOut(machineOf(name), () => true)).toMatchObject({
      stuck: [],
      deaf: [],
      unheard: [],
    });
  });

  it.each([
    ["auto", ENV],
    ["suggest", ENV],
    ["shadow", ENV],
    ["auto", WITHOUT_TOKEN],
  ])("lead out of every state in mode %s", async (mode, env) => {
    const loaded = await loadText(TEXT(`{ default: ${mode} }`), env, { walks: true });
    expect(faultsOf(loaded)).toEqual([]);
  });

  it("say where only a person's order leads on, where anything is done at all", async () => {
    const lines = async (mode: string, env: Record<string, string | undefined> = ENV) => {
      const loaded = await loadText(TEXT(`{ default: ${mode} }`), env);
      return loaded.ok ? deadEndsOf(loaded.config).lines : null;
    };
    const line = `rollout-regression of api: out of "keeping" only a person's order leads (resolve)`;
    expect(await lines("auto")).toEqual([line]);
    expect(await lines("suggest", { ...ENV, RAILWAY_DEPLOYMENT_ID: "d" })).toEqual([
      `${line}, given in a shell of Signalman's own service`,
    ]);
    expect(await lines("shadow")).toEqual([]);
  });
});

describe("a machine that is broken is named with the target", () => {
  it("when nothing leads out of a state but a person whom nobody tells", async () => {
    plant("high-latency", "waiting", () => ({}));
    const loaded = await loadText(TEXT("{ default: auto }"), ENV, { walks: true });
    expect(faultsOf(loaded)).toEqual(["3:5 state-without-end targets[0]"]);
    expect(JSON.stringify(loaded)).toContain(
      `high-latency of api stays in \\"waiting\\" until a person's order, and nobody is told`,
    );
  });

  it("when not even a person leads out of it", async () => {
    plant("database-down", "escalated", ({ id, tags }) => ({
      id,
      tags,
      on: { "person.took": {}, "person.resolved": {}, "upstream.opened": {} },
    }));
    const loaded = await loadText(TEXT("{ default: auto }"), ENV, { walks: true });
    expect(faultsOf(loaded)).toEqual(["10:5 state-without-end targets[1]"]);
    expect(JSON.stringify(loaded)).toContain(`database-down of postgres can never leave`);
  });

  it("when a person's word is not heard", async () => {
    plant("database-down", "soaking", ({ on, ...rest }) => ({
      ...rest,
      on: { ...(on as object), "person.resolved": undefined },
    }));
    plantRoot("database-down", ({ on, ...rest }) => {
      const { "person.resolved": _, ...others } = on as Record<string, unknown>;
      return { ...rest, on: others };
    });
    const loaded = await loadText(TEXT("{ default: auto }"), ENV, { walks: true });
    expect(JSON.stringify(loaded)).toContain(`does not hear a person's \\"resolve\\"`);
  });

  it("only under the configuration that cannot produce what it waits for", async () => {
    // It waits for the answer to its act, and does not hear that there will be none.
    plant("memory-leak", "remedying", (state) => {
      const { "remedy.dropped": _, ...on } = state["on"] as Record<string, unknown>;
      return {
        ...state,
        on,
        states: { asked: { on: { "remedy.started": "acting" } }, acting: {} },
      };
    });
    const faults = async (mode: string) =>
      faultsOf(await loadText(TEXT(`{ default: ${mode} }`), ENV, { walks: true }));
    expect(await faults("auto")).toEqual([]);
    expect(await faults("shadow")).toEqual([
      "3:5 state-without-end targets[0]",
      "10:5 state-without-end targets[1]",
    ]);
  });

  it("also when only an alert from outside gets stuck", async () => {
    plant("unclassified", "hinted", ({ tags }) => ({ tags }));
    const loaded = await loadText(TEXT("{ default: auto }"), ENV, { walks: true });
    expect(faultsOf(loaded)).toEqual(["15:8 state-without-end hooks"]);
  });
});

type Part = { readonly [key: string]: unknown };

function machineOf(name: string): AnyStateMachine {
  const machine = MACHINES[name]?.machine;
  if (machine === undefined) throw new Error(`there is no machine "${name}"`);
  return machine;
}

/** Puts another machine into the registry until the test is over. */
function plantRoot(name: string, change: (root: Part) => Part): void {
  const registry = MACHINES as Record<string, MachineDefinition>;
  const { [name]: was } = registry;
  if (was === undefined) throw new Error(`there is no machine "${name}"`);
  const { config, implementations } = was.machine;
  const machine = createMachine(change(config) as never, implementations as never);
  registry[name] = { ...was, machine: machine as AnyStateMachine };
  onTestFinished(() => void (registry[name] = was));
}

function plant(name: string, state: string, change: (old: Part) => Part): void {
  plantRoot(name, (root) => {
    const states = root["states"] as { readonly [state: string]: Part };
    const { [state]: old } = states;
    if (old === undefined) throw new Error(`${name} has no state "${state}"`);
    return { ...root, states: { ...states, [state]: change(old) } };
  });
}
