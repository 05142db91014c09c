import { readFileSync } from "node:fs";
import { describe, expect, onTestFinished, test } from "vitest";
import { Asking } from "./ask.ts";
import { CLIENTS, type ThirdPartyClient } from "./clients.ts";
import { readTable, withTable } from "./table.ts";

const PAGE = readFileSync(new URL("../../../docs/paper.md", import.meta.url), "utf8");
const TABLE = readTable(PAGE);

function asking(client: ThirdPartyClient): Asking {
  const opened = new Asking(client);
  onTestFinished(() => opened.close());
  return opened;
}

/** Reads and writes that are served, refused or not there, of each client. */
const SAMPLES: Readonly<Record<string, readonly string[]>> = {
  "ftx-api": ["getMarkets", "cancelOrder", "placeTriggerOrder", "requestWithdrawal", "getRebateHistory"],
  "ccxt, ftx": ["fetchBalance", "createOrder", "editOrder", "withdraw", "fetchIndexOHLCV"],
  "bybit-api": ["getTickers", "submitOrder", "batchCancelOrders", "setTradingStop", "submitWithdrawal"],
  "ccxt, bybit": ["fetchPositions", "createOrder", "setLeverage", "createTriggerOrder", "transfer"],
  binance: ["getExchangeInfo", "submitNewOrder", "cancelMultipleOrders", "setPositionMode", "submitNewAlgoOrder"],
  "@binance/derivatives-trading-usds-futures": ["orderBook", "newOrder", "modifyOrder", "newAlgoOrder"],
  "ccxt, binanceusdm": ["fetchOrder", "createOrders", "addMargin", "reduceMargin", "createTriggerOrder", "withdraw"],
  "okx-api": ["getBalance", "submitOrder", "cancelAllAfter", "placeAlgoOrder", "getGridAIParameter"],
  "ccxt, okx": ["fetchOpenOrders", "createOrder", "setMarginMode", "withdraw", "fetchStatus"],
  "gate-api": ["listFuturesContracts", "createFuturesOrder", "createPriceTriggeredOrder", "createTrailOrder"],
  "ccxt, gate": ["fetchOpenOrders", "createOrder", "setLeverage", "createTriggerOrder", "withdraw"],
};

test("the table lists the clients that are installed, in their versions, with all their methods", () => {
  const installed = CLIENTS.map((client) => [client.title, new Asking(client).methods().toSorted()]);
  expect([...TABLE].map(([title, outcomes]) => [title, [...outcomes.keys()].toSorted()])).toEqual(installed);
});

test("the table is read as it was written", () => {
  expect(withTable(PAGE, TABLE)).toBe(PAGE);
});

describe.each(CLIENTS.map((client) => [client.title, client] as const))("%s", (title, client) => {
  test("gets what the table says", async () => {
    const asked = asking(client);
    const methods = SAMPLES[title.replace(/ [\d.]+$/, "")] ?? [];
    const got: [string, string][] = [];
    for (const method of methods) got.push([method, await asked.ask(method)]);
    expect(got).toEqual(methods.map((method) => [method, TABLE.get(title)?.get(method)]));
    expect(methods.length).toBeGreaterThan(0);
  });
});
