import type { Millis } from "../../domain/time.ts";
import { MINUTE_MS } from "../../domain/time.ts";
import { wilson } from "../../statistics/binomial.ts";
import type { Counts } from "../../statistics/sequential.ts";
import { sumOf } from "../burstiness.ts";
import { levelOf } from "./level.ts";
import type { Cell } from "./suspicion.ts";

/** What usually fails, learnt from blocks of at least `blockMs` of quiet time; about the last day. */
export interface Past {
  readonly blockMs: Millis;
  readonly blocks: readonly Counts[];
  readonly open: Counts & { readonly lengthMs: Millis };
  readonly usual: Usual | null;
}

export interface Usual {
  readonly share: number;
  /** 95 % of the time the true share lies below. */
  readonly upper: number;
  /** How much burstier than independent requests failures come, 1 or more. */
  readonly dispersion: number;
  readonly requests: number;
  readonly lengthMs: Millis;
}

const NONE = { failed: 0, total: 0, lengthMs: 0 };

export const PAST_START: Past = { blockMs: MINUTE_MS, blocks: [], open: NONE, usual: null };

/** Takes one quiet cell into the past. Share and dispersion follow when a block is full. */
export function learn(past: Past, cell: Cell): Past {
  const open = {
    failed: past.open.failed + cell.failed,
    total: past.open.total + cell.requests,
    lengthMs: past.open.lengthMs + cell.ts - cell.from,
  };
  if (open.lengthMs < past.blockMs) return { ...past, open };
  const added = [...past.blocks, { failed: open.failed, total: open.total }];
  const isFull = added.length > MOST_BLOCKS;
  const isCoarser = isFull && past.blockMs < MOST_BLOCK_MS;
  const blocks = isCoarser ? inPairs(added) : added.slice(-MOST_BLOCKS);
  const before = past.usual?.lengthMs ?? 0;
  return {
    blockMs: isCoarser ? past.blockMs * 2 : past.blockMs,
    blocks,
    open: NONE,
    usual: summary(blocks, before + open.lengthMs),
  };
}

/** The same past as if so many times as many requests had been told of. */
export function scaledPast({ blockMs, blocks, open, usual }: Past, factor: number): Past {
  const more = blocks.map(({ failed, total }) => ({
    failed: failed * factor,
    total: total * factor,
  }));
  return {
    blockMs,
    blocks: more,
    open: { ...open, failed: open.failed * factor, total: open.total * factor },
    usual: usual === null ? null : summary(more, usual.lengthMs),
  };
}

function summary(blocks: readonly Counts[], lengthMs: Millis): Usual {
  const { share, dispersion } = levelOf(blocks);
  const requests = sumOf(blocks).total;
  const weight = requests / dispersion;
  return {
    share,
    upper: wilson(share * weight, weight, 0.9)?.upper ?? 1,
    dispersion,
    requests,
    lengthMs,
  };
}

function inPairs(blocks: readonly Counts[]): readonly Counts[] {
  return blocks.flatMap((block, index) => {
    if (index % 2 === 1) return [];
    const next = blocks[index + 1] ?? { failed: 0, total: 0 };
    return [{ failed: block.failed + next.failed, total: block.total + next.total }];
  });
}

const MOST_BLOCKS = 96;
const MOST_BLOCK_MS = 15 * MINUTE_MS;
