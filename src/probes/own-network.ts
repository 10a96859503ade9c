import { BlockList, connect, isIP, isIPv6 } from "node:net";

import type { Observation } from "../domain/observation.ts";
import { problem, type ProblemCode } from "../domain/problem.ts";
import type { Instant, Millis } from "../domain/time.ts";
import type { Probe } from "../ports/probe.ts";

/** Whether our own network carries anything at all. */
export interface OwnNetwork {
  /** True when none of the places takes a connection: then nothing we do not hear says anything of a target. */
  isInDoubt(): Promise<boolean>;
}

/** A place that answers whenever the network works, as `host:port` or as a http or https URL. */
export interface Place {
  readonly host: string;
  readonly port: number;
}

const DEADLINE_MS: Millis = 2_000;
const REMEMBERED_MS: Millis = 5_000;

/** Asks several places at once, which must not depend on each other; one that answers is enough. The answer is shared. */
export function createOwnNetwork(places: readonly Place[]): OwnNetwork {
  let last: { readonly at: number; readonly isInDoubt: Promise<boolean> } | null = null;
  return {
    isInDoubt() {
      if (last === null || performance.now() - last.at > REMEMBERED_MS)
        last = { at: performance.now(), isInDoubt: doubt(places) };
      return last.isInDoubt;
    },
  };
}

/**
 * The probe, but what rests on a network that is itself in doubt is no word on the target. Only for targets that are reached
 * over the public network: that it is out says nothing of the private one, over which a dead database still looks dead. For
 * those, a restart asks whether any other target answers (`network-in-doubt`).
 */
export function doubting(probe: Probe, network: OwnNetwork, now: () => Instant = Date.now): Probe {
  return {
    target: probe.target,
    name: probe.name,
    kind: probe.kind,
    close: () => probe.close(),
    async look(signal) {
      const seen = await probe.look(signal);
      if (!seen.some(restsOnNetwork)) return seen;
      const isInDoubt = await Promise.race([network.isInDoubt(), ended(signal)]);
      return seen.map((one) => (restsOnNetwork(one) ? weighed(one, isInDoubt, now()) : one));
    },
  };
}

/** With these nobody spoke, or somebody on the way did. */
const UNHEARD: readonly ProblemCode[] = [
  "timeout",
  "connection-refused",
  "connection-reset",
  "dns-failed",
];

function restsOnNetwork({ values, problem: why }: Observation): boolean {
  return (
    values.up !== undefined && values.up !== 1 && why !== undefined && UNHEARD.includes(why.code)
  );
}

/** It is known only now. `null`: the look was ended before anybody could tell. */
function weighed(seen: Observation, isInDoubt: boolean | null, ts: Instant): Observation {
  if (isInDoubt === false) return { ...seen, ts };
  const why =
    isInDoubt === null
      ? problem("probe-failed", "the look was ended before it knew")
      : problem("own-network", `${seen.problem?.detail}; nor do the places that always answer`);
  return { ...seen, ts, values: { ...seen.values, up: null }, problem: why };
}

function ended(signal: AbortSignal): Promise<null> {
  return new Promise((resolve) => {
    if (signal.aborted) resolve(null);
    signal.addEventListener("abort", () => resolve(null), { once: true });
  });
}

async function doubt(places: readonly Place[]): Promise<boolean> {
  const ending = new AbortController();
  const late = setTimeout(() => ending.abort(), DEADLINE_MS);
  try {
    await Promise.any(places.map((place) => reach(place, ending.signal)));
    return false;
  } catch {
    return true;
  } finally {
    clearTimeout(late);
    ending.abort();
  }
}

function reach({ host, port }: Place, signal: AbortSignal): Promise<void> {
  return new Promise((resolve, reject) => {
    const socket = connect({ host, port });
    signal.addEventListener("abort", () => socket.destroy(), { once: true });
    socket.on("connect", resolve);
    socket.on("error", reject);
    socket.on("close", () => reject(new Error("closed")));
  });
}

/** The place that a text names; null when it names none. */
export function placeOf(text: string): Place | null {
  const isUrl = /^https?:\/\//.test(text);
  const written = isUrl ? text : `tcp://${text}`;
  if (!URL.canParse(written)) return null;
  const { hostname, port, protocol, pathname, search, hash, username } = new URL(written);
  const isBare = pathname === "" && search === "" && hash === "" && username === "";
  const host = bare(hostname);
  if (host === "" || (!isUrl && (port === "" || port === "0" || !isBare))) return null;
  return { host, port: port === "" ? (protocol === "https:" ? 443 : 80) : Number(port) };
}

/** Whether an address is reached over the public network, as far as its host tells. */
export function isPublic(url: string | null | undefined): boolean {
  if (url === null || url === undefined || !URL.canParse(url)) return false;
  const host = bare(new URL(url).hostname).toLowerCase();
  if (isIP(host) !== 0) return !PRIVATE.check(host, isIPv6(host) ? "ipv6" : "ipv4");
  return host.includes(".") && !/\.(localhost|internal|local|lan)$/.test(host);
}

/** An IPv6 address without the brackets that URLs want. */
function bare(hostname: string): string {
  return hostname.replace(/^\[(.*)\]$/, "$1");
}

/** Loopback, private, link-local and carrier-grade addresses. */
const PRIVATE = new BlockList();
for (const [address, bits] of [
  ["127.0.0.0", 8],
  ["10.0.0.0", 8],
  ["172.16.0.0", 12],
  ["192.168.0.0", 16],
  ["169.254.0.0", 16],
  ["100.64.0.0", 10],
] as const)
  PRIVATE.addSubnet(address, bits, "ipv4");
PRIVATE.addAddress("::1", "ipv6");
PRIVATE.addSubnet("fc00::", 7, "ipv6");
PRIVATE.addSubnet("fe80::", 10, "ipv6");
