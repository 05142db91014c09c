import { parseAmount } from "../../src/paper/engine/amount.ts";
import { Book, type Resting } from "../../src/paper/engine/book.ts";
import { createEngine } from "../../src/paper/engine/engine.ts";
import type { EngineEvent } from "../../src/paper/engine/types.ts";
import { PAPER_MARKETS } from "../../src/paper/index.ts";
import { peer } from "../peers/peer.ts";
import type { Operation } from "./operations.ts";

/** A book that matches; counts the lots that have traded. */
export interface Matcher {
  execute(operation: Operation): void;
  tradedLots(): number;
}

interface BookOrder extends Resting<BookOrder> {
  filled: bigint;
}

/** The engine's book alone: price-time priority and its changed levels, no account, no margin. */
export function ownBook(): Matcher {
  const book = new Book<BookOrder>(1n, () => undefined);
  const orders = new Map<number, BookOrder>();
  const events: EngineEvent[] = [];
  let traded = 0n;
  const left = ({ size, filled }: BookOrder): bigint => size - filled;
  let taker: BookOrder | undefined;
  const meet = (maker: BookOrder): void => {
    if (taker === undefined) return;
    const size = left(maker) < left(taker) ? left(maker) : left(taker);
    if (size === left(maker)) book.remove(maker);
    else book.shrink(maker, size);
    maker.filled += size;
    taker.filled += size;
    traded += size;
  };
  return {
    execute(operation) {
      events.length = 0;
      if (operation.kind === "cancel") {
        const order = orders.get(operation.id);
        if (order !== undefined) book.remove(order);
        orders.delete(operation.id);
      } else {
        const { id, side, ticks, lots } = operation;
        const price = BigInt(ticks);
        taker = { side, size: BigInt(lots), filled: 0n, level: null, ahead: null, behind: null };
        book.match(taker, price, meet);
        if (left(taker) > 0n) {
          book.add(taker, price);
          orders.set(id, taker);
        }
      }
      book.reportChanges("BTC-USD", events);
    },
    tradedLots: () => Number(traded),
  };
}

const LOT = parseAmount("0.0001");
const TICK = parseAmount("1");
const ACCOUNTS = 20;

/** The whole engine: accounts, positions, margin of every order and trade, fees, events. */
export function ownEngine(): Matcher {
  const [market] = PAPER_MARKETS;
  if (market === undefined) throw new Error("the paper venue lists no market");
  const { maxOpenOrders: _, ...spec } = market;
  const engine = createEngine({
    ...{ markets: [spec], startMs: 0, makerFee: parseAmount("0.0002"), takerFee: parseAmount("0.0005") },
    ...{ fundingDivisor: 24n, defaultLeverage: parseAmount("10"), endedOrdersKept: 1_000 },
  });
  const names = (side: string) => Array.from({ length: ACCOUNTS }, (_each, number) => `${side}-${number}`);
  const accounts = { buy: names("buy"), sell: names("sell") };
  for (const accountId of [...accounts.buy, ...accounts.sell]) {
    engine.execute({ type: "openAccount", accountId, cash: parseAmount("1000000000") }, 0);
  }
  const orders = new Map<number, { readonly accountId: string; readonly orderId: number }>();
  let nowMs = 0;
  let traded = 0n;
  const take = (events: readonly EngineEvent[]): number | undefined => {
    let orderId: number | undefined;
    for (const event of events) {
      if (event.type === "refused") throw new Error(event.message);
      if (event.type === "trade") traded += event.trade.size;
      if (event.type === "orderOpened") orderId = event.order.orderId;
    }
    return orderId;
  };
  return {
    execute(operation) {
      nowMs += 0.01;
      if (operation.kind === "cancel") {
        const order = orders.get(operation.id);
        // Cancels of what has traded are refused.
        if (order !== undefined) engine.execute({ type: "cancelOrder", ...order }, nowMs);
        orders.delete(operation.id);
        return;
      }
      const { id, side, ticks, lots } = operation;
      const accountId = accounts[side][id % ACCOUNTS] ?? "";
      const events = engine.execute(
        {
          ...({ type: "placeOrder", accountId, market: spec.market, side, orderType: "limit" } as const),
          ...({ price: BigInt(ticks) * TICK, size: BigInt(lots) * LOT, timeInForce: "GTC" } as const),
          ...{ postOnly: false, reduceOnly: false, clientId: null },
        },
        nowMs,
      );
      const orderId = take(events);
      if (orderId !== undefined) orders.set(id, { accountId, orderId });
    },
    tradedLots: () => Number(traded / LOT),
  };
}

interface PeerBook {
  limit(order: object): { readonly err: Error | null; readonly done: readonly { readonly id: string }[] } & {
    readonly partial: { readonly id: string; readonly size: number } | null;
    readonly partialQuantityProcessed: number;
    readonly quantityLeft: number;
  };
  cancel(id: string): unknown;
}

/** Matching alone, with JavaScript numbers. */
export async function nodejsOrderBook(): Promise<Matcher> {
  const { OrderBook } = await peer<{ readonly OrderBook: new () => PeerBook }>("nodejs-order-book");
  const book = new OrderBook();
  let traded = 0;
  return {
    execute(operation) {
      if (operation.kind === "cancel") {
        book.cancel(String(operation.id));
        return;
      }
      const { id, side, ticks, lots } = operation;
      const { err, quantityLeft } = book.limit({ id: String(id), side, price: ticks, size: lots });
      if (err !== null) throw err;
      traded += lots - quantityLeft;
    },
    tradedLots: () => traded,
  };
}
