import type { PerpetualConnector } from "../connector/perpetual-connector.ts";
import { formatAmount } from "../paper/index.ts";
import type { BotProcess } from "./bot-process.ts";
import type { Findings } from "./findings.ts";
import { wholeClientId } from "./whole-client-id.ts";
import type { World } from "./world.ts";

/** The longest that a process that is ready may be wrong about an order of others: 17 seconds were seen. */
const MAX_UNSHOWN_MS = 40_000;
/**
 * The longest that a process that is ready may show an order as open that has ended: 37 seconds were seen, and 70 on FTX,
 * where an amend without an answer may have replaced the order for half a minute, and for another in a process that starts.
 */
const MAX_ENDED_MS = {
  ftx: 90_000,
  bybit: 60_000,
  binance: 60_000,
  okx: 60_000,
  gate_io: 60_000,
  hyperliquid: 90_000,
} as const;
/**
 * Limit of either where private frames were lost without a trace: a stream that looks healthy is polled each two
 * minutes.
 */
const MAX_UNSEEN_MS = 180_000;
/** States of an order whose fate is known and that rests: neither unknown nor on its way. */
const OPEN: ReadonlySet<string> = new Set(["open", "partiallyFilled"]);

/**
 * Orders of others that rest and are not shown, or are shown and do not rest; by their terms, for the engine's ids are not
 * those of the protocol.
 */
export function externalDifferences(
  world: World,
  placed: ReadonlySet<string>,
  connector: PerpetualConnector,
): readonly string[] {
  const { venue } = world;
  const isOwn = (clientId: string | null) => clientId !== null && placed.has(wholeClientId(clientId));
  const resting = numbered(
    venue.engine
      .openOrders(venue.accountId)
      .filter(({ clientId, market }) => !isOwn(clientId) && connector.tradingPairs.includes(world.pairOf(market)))
      .map(({ market, side, size, price }) => {
        return `${world.pairOf(market)} ${side} ${formatAmount(size)} at ${price === null ? "" : formatAmount(price)}`;
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

/** Numbers orders of the same terms, so that the second one counts as another. */
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

/** A difference that a process may have for a while, and for how long. */
interface Late {
  readonly rule: string;
  readonly text: string;
  readonly toldMs: number;
}

/**
 * Watches orders: each one that rests at the venue is in flight, lost or external here, and each one that is shown as
 * open rests.
 */
export class OrderWatch {
  readonly #world: World;
  readonly #findings: Findings;
  /**
   * Time since when each difference that needs time to become known is there, and the process caught up; by host and
   * words.
   */
  readonly #since = new Map<string, Map<string, number>>();
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
    const unshown = externalDifferences(this.#world, placed, connector).map((text) => {
      return { rule: "what rests of others is shown", text, toldMs: MAX_UNSHOWN_MS };
    });
    const ended = [...connector.inFlightOrders]
      .filter(([id, { state }]) => OPEN.has(state) && !resting.has(id))
      .map(([id, { state }]) => {
        const text = `shows ${id} as ${state}, and it does not rest`;
        return { rule: "what is shown as open rests", text, toldMs: MAX_ENDED_MS[this.#world.protocol.name] };
      });
    this.#checkLate(host, connector.ready ? [...unshown, ...ended] : []);
  }

  #checkLate(host: string, late: readonly Late[]): void {
    const nowMs = this.#world.elapsedMs();
    const before = this.#since.get(host);
    const since = new Map(late.map(({ text }) => [text, before?.get(text) ?? nowMs]));
    this.#since.set(host, since);
    for (const { rule, text, toldMs } of late) {
      const lateMs = nowMs - (since.get(text) ?? nowMs);
      if (lateMs <= (this.#isLossy ? MAX_UNSEEN_MS : toldMs)) continue;
      this.#findings.add(rule, `${host} ${text} ${Math.round(lateMs)} ms after it could be known`);
      // Once is enough.
      since.set(text, Number.POSITIVE_INFINITY);
    }
  }
}
