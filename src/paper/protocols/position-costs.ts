import type { PositionView } from "../engine/types.ts";
import type { AccountLedger, LogEntry } from "./account-ledger.ts";

export interface PositionCosts {
  readonly fees: bigint;
  /** Positive where received. */
  readonly funding: bigint;
}

interface Tally {
  readonly openedMs: number;
  /** Number of entries of the account's log that are in it. */
  read: number;
  fees: bigint;
  funding: bigint;
}

/** Costs and gains of each position since it was opened; each row of the ledger is read once. */
export class PositionCostBook {
  readonly #ledger: AccountLedger;
  readonly #tallies = new Map<string, Tally>();

  constructor(ledger: AccountLedger) {
    this.#ledger = ledger;
  }

  of(accountId: string, position: PositionView): PositionCosts {
    const { market, side, openedMs } = position;
    const key = `${accountId} ${market} ${side}`;
    let tally = this.#tallies.get(key);
    if (tally?.openedMs !== openedMs) {
      tally = { openedMs, read: 0, fees: 0n, funding: 0n };
      this.#tallies.set(key, tally);
    }
    const log = this.#ledger.log(accountId);
    for (; tally.read < log.length; tally.read += 1) {
      const entry = log[tally.read];
      if (entry !== undefined && isOf(entry, position)) add(tally, entry);
    }
    return tally;
  }
}

type Posting = Exclude<LogEntry, { kind: "transfer" }>;

function isOf(entry: LogEntry, { market, side, openedMs }: PositionView): entry is Posting {
  if (entry.kind === "transfer" || entry.timeMs < openedMs) return false;
  const subject = entry.kind === "trade" ? entry.fill : entry.payment;
  return subject.market === market && subject.positionSide === side;
}

function add(tally: Tally, entry: Posting): void {
  if (entry.kind === "trade") tally.fees += entry.fill.fee;
  else tally.funding += entry.payment.amount;
}
