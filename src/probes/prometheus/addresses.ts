import { lookup } from "node:dns/promises";
import { BlockList, isIP } from "node:net";

export interface Address {
  readonly address: string;
  readonly family: 4 | 6;
}

/** Addresses that count together; never empty. */
export type Group = readonly (Address | null)[];

/** Every address of a name. Throws what the resolver throws. */
export type Resolve = (host: string) => Promise<readonly Address[]>;

export const systemResolve: Resolve = async (host) => {
  const found = await lookup(host, { all: true });
  return found.map(({ address, family }) => ({ address, family: family === 6 ? 6 : 4 }));
};

/**
 * The groups of addresses to ask, the first that answers is enough. A private name stands for every replica of the app, and
 * each is asked; one replica may have an address of either family, so that only one family counts at a time. A public
 * name is one front, whichever address it has: `null`.
 */
export async function groupsOf(url: string, resolve: Resolve): Promise<readonly Group[]> {
  const host = new URL(url).hostname.replace(/^\[|\]$/g, "");
  if (isIP(host) !== 0) return [[null]];
  const found = await resolve(host);
  if (found.length === 0 || !found.every(isPrivate)) return [[null]];
  const sorted = found.toSorted((a, b) => (a.address < b.address ? -1 : 1));
  return ([6, 4] as const).flatMap((family) => {
    const group = sorted.filter((one) => one.family === family).slice(0, ADDRESSES_MAX);
    return group.length === 0 ? [] : [group];
  });
}

const ADDRESSES_MAX = 16;

function isPrivate({ address, family }: Address): boolean {
  return PRIVATE.check(address, family === 6 ? "ipv6" : "ipv4");
}

const PRIVATE = new BlockList();
PRIVATE.addSubnet("10.0.0.0", 8);
PRIVATE.addSubnet("100.64.0.0", 10);
PRIVATE.addSubnet("127.0.0.0", 8);
PRIVATE.addSubnet("169.254.0.0", 16);
PRIVATE.addSubnet("172.16.0.0", 12);
PRIVATE.addSubnet("192.168.0.0", 16);
PRIVATE.addAddress("::1", "ipv6");
PRIVATE.addSubnet("fc00::", 7, "ipv6");
PRIVATE.addSubnet("fe80::", 10, "ipv6");
