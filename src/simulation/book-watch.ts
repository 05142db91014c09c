import type { PerpetualConnector } from "../connector/perpetual-connector.ts";
import type { BookLevel } from "../market-data/order-book.ts";
import type { Decimal } from "../model/decimal.ts";
import { formatAmount } from "../paper/index.ts";
import type { Findings } from "./findings.ts";
import type { World } from "./world.ts";

const MARKETS = ["BTC-USD", "ETH-USD"] as const;
/** Levels a side that are compared: what every protocol sends. */
const DEPTH = 20;
/** States of the venue's book that a connector's may still be at. */
const STATES_KEPT = 2_000;
/**
 * A book may be behind by what its channel may be silent, and by what it takes to ask then: 60 seconds were seen on FTX
 * and Bybit, 48 on Binance and OKX.
 */
const OLDEST_MS = {
  ftx: 70_000,
  bybit: 70_000,
  binance: 90_000,
  okx: 90_000,
  gate_io: 70_000,
  hyperliquid: 90_000,
} as const;

interface BookState {
  readonly text: string;
  /** Time until when it was the venue's book; undefined while it is. */
  untilMs: number | undefined;
}

/**
 * A valid book is one that the venue had, level by level. Frames are made between
 * two commands of the venue's engine, so that each book that a client may have was seen here.
 */
export class BookWatch {
  readonly #world: World;
  readonly #findings: Findings;
  readonly #states = new Map<string, BookState[]>();
  readonly #changed = new Set<string>();

  constructor(world: World, findings: Findings) {
    this.#world = world;
    this.#findings = findings;
    world.venue.observe((events) => {
      for (const event of events) if (event.type === "bookLevel") this.#changed.add(event.market);
      for (const market of this.#changed) this.#note(market);
      this.#changed.clear();
    });
    for (const market of MARKETS) this.#note(market);
  }

  #note(market: string): void {
    const { bids, asks } = this.#world.venue.engine.book(market, DEPTH);
    const text = `${sideText(bids)}|${sideText(asks)}`;
    const states = this.#states.get(market) ?? [];
    this.#states.set(market, states);
    const last = states.at(-1);
    if (last?.text === text) return;
    if (last !== undefined) last.untilMs = this.#world.elapsedMs();
    states.push({ text, untilMs: undefined });
    if (states.length > STATES_KEPT) states.splice(0, STATES_KEPT / 2);
  }

  check(host: string, connector: PerpetualConnector): void {
    const nowMs = this.#world.elapsedMs();
    for (const market of MARKETS) {
      const pair = this.#world.pairOf(market);
      const book = connector.orderBook(pair);
      if (!book.isValid) continue;
      const shown = [
        claimed(book.bids(DEPTH), book.bidHorizon, "bid"),
        claimed(book.asks(DEPTH), book.askHorizon, "ask"),
      ];
      const text = shown.map(({ text: side }) => side).join("|");
      const states = this.#states.get(market) ?? [];
      const isEqual = (candidate: BookState) =>
        candidate.text.split("|").every((side, index) => isClaimed(shown[index], side));
      const state = states.findLast(isEqual);
      if (state === undefined) {
        this.#findings.add(
          "a valid book is the venue's",
          `${host} ${pair} ${book.updateId}: ${text}; venue: ${states.at(-1)?.text}`,
        );
      } else if (state.untilMs !== undefined && nowMs - state.untilMs > OLDEST_MS[this.#world.protocol.name]) {
        const behindMs = Math.round(nowMs - state.untilMs);
        this.#findings.add("a valid book is not old", `${host} ${pair} is valid and ${behindMs} ms behind`);
      }
    }
  }
}

function sideText(levels: readonly (readonly [bigint, bigint])[]): string {
  return levels.map(([price, size]) => `${formatAmount(price)}x${formatAmount(size)}`).join(",");
}

interface Claim {
  readonly text: string;
  /** All levels of the side that are compared; else nothing is known beyond its last. */
  readonly isWhole: boolean;
}

/** The levels of a side down to its horizon: of what lies beyond the book says itself that it may be incomplete. */
function claimed(levels: readonly BookLevel[], horizon: Decimal | undefined, side: "bid" | "ask"): Claim {
  const isWithin = ({ price }: BookLevel) =>
    horizon === undefined || (side === "bid" ? price.gte(horizon) : price.lte(horizon));
  const within = levels.filter(isWithin);
  const text = within.map(({ price, amount }) => `${price.toFixed()}x${amount.toFixed()}`).join(",");
  return { text, isWhole: horizon === undefined };
}

function isClaimed(claim: Claim | undefined, side: string): boolean {
  if (claim === undefined || claim.text === side) return claim !== undefined;
  return !claim.isWhole && (claim.text === "" || side.startsWith(`${claim.text},`));
}
