import type { PerpetualConnector } from "../connector/perpetual-connector.ts";
import { formatAmount } from "../paper/index.ts";
import type { BotProcess } from "./bot-process.ts";
import type { Findings } from "./findings.ts";
import { wholeClientId } from "./open-orders.ts";
import type { World } from "./world.ts";

/** The longest that a process that is ready may be wrong about an order of others: 17 seconds were seen. */
const MOST_UNSHOWN_MS = 40_000;
/**
 * The longest that a process that is ready may show an order as open that has ended: 37 seconds were seen, and 70 on FTX,
 * where an amend without an answer may have replaced the order for half a minute, and for another in a process that starts.
 */
const MOST_ENDED_MS = { ftx: 90_000, bybit: 60_000, binance: 60_000, okx: 60_000 } as const;
/** Either, where private frames were lost without a trace: a stream that looks healthy is polled each two minutes. */
const MOST_UNSEEN_MS = 180_000;
/** What is not unknown, under way or being asked about. */
const OPEN: ReadonlySet<string> = new Set(["open", "partiallyFilled"]);

/**
 * Orders of others that rest and are not shown, or are shown and do not rest; by their terms, for the engine's ids are not
 * those of the protocol.
 */
export function externalDifferences(
  { venue, token }: World,
  placed: ReadonlySet<string>,
  connector: PerpetualConnector,
): readonly string[] {
  const pairOf = (market: string) => market.replace(/-USD$/, `-${token}`);
  const isOwn = (clientId: string | null) => clientId !== null && placed.has(wholeClientId(clientId));
  const resting = numbered(
    venue.engine
      .openOrders(venue.accountId)
      .filter(({ clientId, market }) => !isOwn(clientId) && connector.tradingPairs.includes(pairOf(market)))
      .map(({ market, side, size, price }) => {
        return `${pairOf(market)} ${side} ${formatAmount(size)} at ${price === null ? "" : formatAmount(price)}`;
      }),
  );
  const shown = numbered(
    connector.externalOrders().map(({ tradingPair, side, amount, price }) => {
      return `${tradingPair} ${side} ${amount.toFixed()} at ${price?.toFixed() ?? ""}`;
    }),
  );
  return [
    ...[...resting.difference(shown)].map((words) => `does not show ${words}`),
    ...[...shown.difference(resting)].map((words) => `shows ${words}, which does not rest`),
  ];
}

/** Of orders with the same terms the second one is another. */
function numbered(orders: readonly string[]): ReadonlySet<string> {
  const counts = new Map<string, number>();
  return new Set(
    orders.map((words) => {
      const count = (counts.get(words) ?? 0) + 1;
      counts.set(words, count);
      return count === 1 ? words : `${words} (${count})`;
    }),
  );
}

/** What rests at the venue is in flight, lost or external here, and what is shown as open rests. */
export class OrderWatch {
  readonly #world: World;
  readonly #findings: Findings;
  /** Since when each difference that needs time to become known is there, and the process caught up; by its words. */
  readonly #since = new Map<string, number>();

  readonly #isLossy: boolean;

  constructor(world: World, findings: Findings, isLossy = false) {
    this.#isLossy = isLossy;
    this.#world = world;
    this.#findings = findings;
  }

  check({ host, placed }: Pick<BotProcess, "host" | "placed">, connector: PerpetualConnector): void {
    const { engine, accountId } = this.#world.venue;
    const resting = new Set<string>();
    for (const { clientId, orderId } of engine.openOrders(accountId)) {
      const id = clientId === null ? undefined : wholeClientId(clientId);
      if (id === undefined || !placed.has(id)) continue;
      resting.add(id);
      const order = connector.order(id);
      if (order === undefined) {
        this.#findings.add("what rests is known", `${host} knows nothing of ${id}, which rests as ${orderId}`);
      } else if (order.isDone) {
        this.#findings.add("what rests has not ended", `${host} calls ${id} ${order.state}; it rests as ${orderId}`);
      }
    }
    const late = new Map<string, number>();
    for (const text of externalDifferences(this.#world, placed, connector))
      late.set(`what rests of others is shown|${host} ${text}`, MOST_UNSHOWN_MS);
    const mostEndedMs = MOST_ENDED_MS[this.#world.dialect.api];
    for (const [id, { state }] of connector.inFlightOrders) {
      if (OPEN.has(state) && !resting.has(id))
        late.set(`what is shown as open rests|${host} shows ${id} as ${state}, and it does not rest`, mostEndedMs);
    }
    this.#checkLate(host, connector.ready ? late : new Map());
  }

  #checkLate(host: string, late: ReadonlyMap<string, number>): void {
    const nowMs = this.#world.elapsedMs();
    for (const words of this.#since.keys()) {
      if (words.includes(`|${host} `) && !late.has(words)) this.#since.delete(words);
    }
    for (const [words, toldMs] of late) {
      const mostMs = this.#isLossy ? MOST_UNSEEN_MS : toldMs;
      const sinceMs = this.#since.get(words) ?? nowMs;
      this.#since.set(words, sinceMs);
      if (nowMs - sinceMs <= mostMs) continue;
      const [rule = "", text = ""] = words.split("|");
      this.#findings.add(rule, `${text} ${Math.round(nowMs - sinceMs)} ms after it could be known`);
      this.#since.set(words, Number.POSITIVE_INFINITY);
    }
  }
}
