import { PublicMessageDispatcher } from "../../src/market-data/public-message-dispatcher.ts";
import { loadVenue } from "../../src/registry.ts";
import { SILENT_LOGGER } from "../../src/runtime/logger.ts";
import { type Cost, microsecondsOf } from "./cost.ts";
import { sessionOf, VENUE_NAMES, type VenueName } from "./open-orders.ts";

const FRAMES_AT_A_TIME = 100;
const TIME_MS = 1_700_000_000_000;

/** A message of trades; Binance sends one for each. */
const FRAMES: Readonly<Record<VenueName, (count: number) => unknown>> = {
  binance: () => ({
    stream: "btcusdt@aggTrade",
    data: {
      e: "aggTrade",
      E: TIME_MS,
      T: TIME_MS,
      s: "BTCUSDT",
      a: 3_300_000_001,
      p: "20000.1",
      q: "0.0513",
      m: false,
    },
  }),
  bybit: (count) => ({
    ...{ topic: "publicTrade.BTCUSDT", type: "snapshot", ts: TIME_MS },
    data: Array.from({ length: count }, (_, number) => {
      return {
        T: TIME_MS,
        s: "BTCUSDT",
        S: "Buy",
        v: "0.012",
        p: "20000.1",
        L: "PlusTick",
        i: `t-${number}`,
        BT: false,
      };
    }),
  }),
  okx: (count) => ({
    arg: { channel: "trades", instId: "BTC-USDT-SWAP" },
    data: Array.from({ length: count }, (_, number) => {
      const trade = { tradeId: String(number), px: "20000.1", sz: "12", side: "buy", ts: String(TIME_MS) };
      return { instId: "BTC-USDT-SWAP", ...trade };
    }),
  }),
  ftx: (count) => ({
    ...{ channel: "trades", market: "BTC-PERP", type: "update" },
    data: Array.from({ length: count }, (_, id) => {
      const time = "2023-11-14T22:13:20.000000+00:00";
      return { id, price: 20_000.5, size: 0.012, side: "buy", liquidation: false, time };
    }),
  }),
};

const SIZES: Readonly<Record<VenueName, readonly number[]>> = {
  ...{ bybit: [1, 10, 100], okx: [1, 10, 100], ftx: [1, 10, 100] },
  binance: [1],
};

async function tradesOf(name: VenueName, size: number) {
  const { module, domain } = await loadVenue(`${name}_perpetual`);
  const urls = { restUrl: "http://127.0.0.1", webSocketUrl: "ws://127.0.0.1" };
  const venue = module.createVenue({ domain, ...urls }).orderBookDataSource;
  const markets = sessionOf(name);
  let told = 0;
  const onTrade = (): void => {
    told += 1;
  };
  const handlers = { onBookFrame: () => undefined, onTrade, onFundingInfo: () => undefined };
  const dispatcher = new PublicMessageDispatcher({ venue, markets: () => markets, logger: SILENT_LOGGER, handlers });
  const text = JSON.stringify(FRAMES[name](size));
  const run = (count: number): void => {
    const before = told;
    for (let frame = 0; frame < count; frame += 1) dispatcher.dispatch(text);
    if (told - before !== count * size) throw new Error(`${told - before} of ${count * size} trades were told`);
  };
  return run;
}

/** How often the text of a frame is parsed while `work` runs. */
function parsesIn(work: () => void): number {
  const { parse } = JSON;
  let parses = 0;
  JSON.parse = (text, reviver) => {
    parses += 1;
    return parse(text, reviver);
  };
  try {
    work();
  } finally {
    JSON.parse = parse;
  }
  return parses;
}

const time = (name: VenueName): Cost => ({
  what: `${name}, a frame of trades, trades in it`,
  unit: "us a trade",
  sizes: SIZES[name],
  async prepare(size) {
    const run = await tradesOf(name, size);
    return { measure: () => microsecondsOf(FRAMES_AT_A_TIME * size, () => run(FRAMES_AT_A_TIME)) };
  },
});

const parses = (name: VenueName): Cost => ({
  what: `${name}, a frame of trades: how often it is parsed, trades in it`,
  unit: "parses",
  sizes: SIZES[name],
  async prepare(size) {
    const run = await tradesOf(name, size);
    return { measure: () => parsesIn(() => run(FRAMES_AT_A_TIME)) / FRAMES_AT_A_TIME };
  },
});

export const tradeCosts: readonly Cost[] = VENUE_NAMES.flatMap((name) => [time(name), parses(name)]);
