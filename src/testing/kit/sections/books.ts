import type { BookLevel, OrderBook } from "../../../market-data/order-book.ts";
import { createComponents } from "../components.ts";
import type { ExpectedBook, Levels } from "../fixture-shapes.ts";
import type { Scene } from "../scene.ts";

export const UNSTARTED = { ready: false };

/** The data source with its connections up, once that many frames have subscribed. */
export async function connected(scene: Scene, subscriptions = 1) {
  const { orderBookDataSource } = createComponents(scene);
  const stop = new AbortController();
  const loop = orderBookDataSource.listenForSubscriptions(stop.signal);
  loop.catch(() => undefined);
  const received = () => scene.server.connections.flatMap((connection) => connection.received);
  await scene.until("subscribed", () => received().length >= subscriptions);
  await scene.world.advance(20);
  return { source: orderBookDataSource, stop, loop, received };
}

/** Every level of a book, best first, as the fixtures write them. */
export function levelsOf(book: OrderBook): ExpectedBook {
  const texts = (levels: readonly BookLevel[]) =>
    levels.map(({ price, amount }) => `${price.toFixed()} x ${amount.toFixed()}`).join(", ");
  return { bids: texts(book.bids()), asks: texts(book.asks()) };
}

/** The same of a fixture, however it is written. */
export function expectedLevels({ bids, asks }: ExpectedBook): ExpectedBook {
  const text = (levels: Levels) =>
    typeof levels === "string" ? levels : levels.map((level) => level.join(" x ")).join(", ");
  return { bids: text(bids), asks: text(asks) };
}
