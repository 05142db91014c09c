import type { Findings } from "./findings.ts";
import type { World } from "./world.ts";

/** A book became valid again. */
export interface Heal {
  /** Simulated milliseconds since the world began. */
  readonly atMs: number;
  readonly healMs: number;
}

/**
 * The longest that a book may take to heal after the last fault: the longest back-off of 30 seconds, in which the last
 * question may have failed, and a window of the venue's limits, which may be full; Binance's bans last two minutes.
 */
const MAX_HEAL_MS = {
  ftx: 35_000,
  bybit: 40_000,
  okx: 35_000,
  binance: 150_000,
  gate_io: 45_000,
  hyperliquid: 95_000,
} as const;

/** Times that books took to heal from the end of the last fault on, milliseconds. */
export function quietHeals(heals: readonly Heal[], quietMs: number): readonly number[] {
  return heals.filter(({ atMs }) => atMs > quietMs).map(({ atMs, healMs }) => Math.min(healMs, atMs - quietMs));
}

export function checkHeals({ protocol }: World, healMs: readonly number[], findings: Findings): void {
  const mostMs = MAX_HEAL_MS[protocol.name];
  for (const ms of healMs.filter((each) => each > mostMs))
    findings.add("books heal in time", `one took ${Math.round(ms)} ms after the last fault, ${mostMs} may be`);
}
