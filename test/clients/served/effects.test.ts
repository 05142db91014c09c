import { expect, onTestFinished, test } from "vitest";
import { DESK } from "../support/paper-venue.ts";
import { argumentsFor, type Client } from "./arguments/arguments.ts";
import { CLIENTS } from "./clients.ts";
import { openScene } from "./scene.ts";

type Read = (client: Client) => Promise<unknown>;

const LINEAR = { category: "linear", symbol: "BTCUSDT" };
const BTC = { symbol: "BTCUSDT" };
const SWAP = { instId: "BTC-USDT-SWAP", mgnMode: "cross" };

/** A write of a client, and a question whose answer it changes: from, to. */
const EFFECTS: readonly (readonly [client: string, method: string, read: Read, before: unknown, after: unknown])[] = [
  ["ftx-api", "setAccountLeverage", async (ftx) => (await ftx.getAccount()).result.leverage, 10, 5],
  [
    "ftx-api",
    "transferBetweenSubaccounts",
    async (ftx) => (await ftx.getSubaccountBalances("hedge")).result[0].total,
    100_000,
    100_010,
  ],
  [
    "bybit-api",
    "setLeverage",
    async (bybit) => (await bybit.getPositionInfo(LINEAR)).result.list[0].leverage,
    "10",
    "5",
  ],
  ["bybit-api", "switchPositionMode", async (bybit) => (await bybit.getPositionInfo(LINEAR)).result.list.length, 1, 2],
  [
    "bybit-api",
    "setMarginMode",
    async (bybit) => (await bybit.getAccountInfo()).result.marginMode,
    "REGULAR_MARGIN",
    "ISOLATED_MARGIN",
  ],
  [
    "bybit-api",
    "setLimitPriceAction",
    async (bybit) => (await bybit.getLimitPriceAction()).result.lpaPerp,
    false,
    true,
  ],
  ["bybit-api", "setDisconnectCancelAllWindow", protectedProducts, [], ["OPTIONS"]],
  ["bybit-api", "setDisconnectCancelAllWindowV2", protectedProducts, [], ["DERIVATIVES"]],
  ["binance", "setLeverage", async (binance) => (await binance.getFuturesSymbolConfig(BTC))[0].leverage, 10, 5],
  [
    "binance",
    "setMarginType",
    async (binance) => (await binance.getFuturesSymbolConfig(BTC))[0].marginType,
    "CROSSED",
    "ISOLATED",
  ],
  [
    "binance",
    "setPositionMode",
    async (binance) => (await binance.getCurrentPositionMode()).dualSidePosition,
    false,
    true,
  ],
  ["okx-api", "setLeverage", async (okx) => (await okx.getLeverage(SWAP))[0].lever, "10", "5"],
  [
    "okx-api",
    "setPositionMode",
    async (okx) => (await okx.getAccountConfiguration())[0].posMode,
    "net_mode",
    "long_short_mode",
  ],
];

async function protectedProducts(bybit: Client): Promise<string[]> {
  const { dcpInfos } = (await bybit.getDCPInfo()).result;
  return dcpInfos.map(({ product }: { product: string }) => product);
}

test.each(EFFECTS)("what %s writes with %s is there when it asks", async (name, method, read, before, after) => {
  const found = CLIENTS.find(({ title }) => title.replace(/ [\d.]+$/, "") === name);
  if (found === undefined) throw new Error(`no client ${name}`);
  const scene = await openScene(found.api, found.book.holdings[method] ?? "orders");
  onTestFinished(() => scene.venue.stop());
  const client = found.create({ ...DESK, host: scene.venue.host, port: scene.venue.port });
  expect(await read(client)).toEqual(before);
  await client[method](...(await argumentsFor(found.book, client, method, scene)));
  expect(await read(client)).toEqual(after);
});
