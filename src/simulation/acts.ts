/**
 * Participant of a world. `crowd`: other users of the venue. `quoter` and `taker`: the two strategies of the bot.
 * `hand`: its owner, who trades on the website with the same account.
 */
export type Actor = "crowd" | "quoter" | "taker" | "hand";

interface ActorKinds {
  /** Mean time between two acts. */
  readonly meanMs: number;
  /** Number of its acts, by kind. */
  readonly kinds: Readonly<Record<string, number>>;
}

export const ACTS = {
  crowd: { meanMs: 250, kinds: { quote: 10, take: 4, cancel: 5, drift: 2 } },
  quoter: {
    meanMs: 700,
    kinds: { quote: 8, amend: 6, amendAgain: 4, cancelAmended: 2, cancel: 4, batch: 2, cancelBatch: 1, burst: 1 },
  },
  taker: { meanMs: 3_000, kinds: { market: 5, immediate: 4, reduce: 4, closeAll: 1 } },
  hand: {
    meanMs: 9_000,
    kinds: {
      place: 6,
      take: 4,
      amend: 3,
      cancel: 4,
      close: 3,
      stop: 3,
      leverage: 2,
      positionMode: 1,
      marginMode: 1,
      cancelAll: 1,
    },
  },
} as const satisfies Readonly<Record<Actor, ActorKinds>>;
