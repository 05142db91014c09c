import { describe, expect, it } from "vitest";
import { createConnector } from "../../src/connect.ts";
import { ZERO } from "../../src/model/decimal.ts";
import { NotFoundError } from "../../src/model/error.ts";
import type { FundingPayment } from "../../src/model/funding.ts";
import { createPaperVenue } from "../../src/paper/index.ts";
import { SimulatedWorld } from "../../src/runtime/simulated.ts";
import { RecordingLogger } from "../../src/testing/kit/recording.ts";

const VENUES = [
  ["ftx", "BTC-USD"],
  ["bybit", "BTC-USDT"],
  ["binance", "BTC-USDT"],
  ["okx", "BTC-USDT"],
] as const;

async function worldOf(api: (typeof VENUES)[number][0], tradingPair: string) {
  const world = new SimulatedWorld({ seed: 1 });
  const options = { api, seed: 1, quiet: true, fundingIntervalMs: 60_000 } as const;
  const venue = await world.run(createPaperVenue(options, world.runtime("venue")));
  const { apiKey, apiSecret, passphrase, rest: restUrl, ws: webSocketUrl } = venue;
  const credentials = api === "okx" ? { apiKey, apiSecret, passphrase } : { apiKey, apiSecret };
  const start = async () => {
    const connector = await world.run(
      createConnector(`${api}_perpetual`, {
        ...{ runtime: world.runtime("bot"), tradingPairs: [tradingPair], credentials, restUrl, webSocketUrl },
        ...{ journalPath: "journal.db", logger: new RecordingLogger() },
      }),
    );
    await world.run(connector.start());
    await world.run(connector.waitUntilReady());
    return connector;
  };
  return { world, venue, start };
}

describe.each(VENUES)("what funding adds up to on %s", (api, tradingPair) => {
  it("is the sum of what was told, also in the next process, and zero in another token", async () => {
    const { world, venue, start } = await worldOf(api, tradingPair);
    const connector = await start();
    const told: FundingPayment[] = [];
    connector.on("fundingPayment", (payment) => told.push(payment));
    expect(connector.fundingTotal(tradingPair).toFixed()).toBe("0");
    const { done } = connector.buy(tradingPair, { amount: "0.1", type: "market", position: "open" });
    await world.run(done);
    for (let minute = 0; minute < 30 && told.length < 2; minute += 1) await world.advance(60_000);
    expect(told.length).toBeGreaterThanOrEqual(2);
    const total = told.reduce((sum, { amount }) => sum.plus(amount), ZERO);
    expect(total.isZero()).toBe(false);
    expect(connector.fundingTotal(tradingPair).toFixed()).toBe(total.toFixed());
    expect(connector.fundingTotal(tradingPair, told[0]?.asset).toFixed()).toBe(total.toFixed());
    expect(connector.fundingTotal(tradingPair, "BTC").toFixed()).toBe("0");
    expect(() => connector.fundingTotal("NONE-USD")).toThrow(NotFoundError);
    await world.run(connector.stop());
    const next = await start();
    expect(next.fundingTotal(tradingPair).toFixed()).toBe(
      told.reduce((sum, { amount }) => sum.plus(amount), ZERO).toFixed(),
    );
    await world.run(next.stop());
    await world.run(venue.stop());
  });
});
