import { describe, expect, it } from "vitest";
import type { PerpetualVenue, VenueModule } from "../../../src/connector/perpetual-venue.ts";
import { ONE } from "../../../src/model/decimal.ts";
import { createVenueMarkets, type VenueMarkets } from "../../../src/model/venue-markets.ts";
import {
  describePerpetualConnector,
  type PerpetualConnectorFixtures,
  runInProcess,
} from "../../../src/testing/kit/index.ts";
import { bybitFixtures } from "../../venues/bybit/fixtures.ts";
import { ftxFixtures } from "../../venues/ftx/fixtures.ts";
import { gateIoFixtures } from "../../venues/gate-io/fixtures.ts";
import { hyperliquidFixtures } from "../../venues/hyperliquid/fixtures.ts";

/** Texts of the failures of the tests whose titles fit. */
async function failuresOf(fixtures: PerpetualConnectorFixtures, only: RegExp): Promise<readonly string[]> {
  const results = await runInProcess((runner) => describePerpetualConnector(fixtures, runner), {
    only: (path) => only.test(path.join(": ")),
  });
  expect(results.length).toBeGreaterThan(0);
  return results.flatMap(({ status, error }) => (status === "failed" ? [String(error)] : []));
}

const leavingOut = (fixtures: PerpetualConnectorFixtures, ...names: readonly string[]): PerpetualConnectorFixtures => ({
  ...fixtures,
  notOffered: { ...fixtures.notOffered, ...Object.fromEntries(names.map((name) => [name, "Not today."])) },
});

/** The same venue with another part. */
function changed(venueModule: VenueModule, change: (venue: PerpetualVenue) => Partial<PerpetualVenue>): VenueModule {
  return {
    ...venueModule,
    createVenue: (options) => {
      const venue = venueModule.createVenue(options);
      return { ...venue, ...change(venue) };
    },
  };
}

describe("what an author leaves out", () => {
  const LEFT_OUT = /what the fixtures leave out/;

  it.each([
    [gateIoFixtures, "hedgeMode", "- setPositionModeRequest: the manifest's `positionModes` has hedge mode"],
    [gateIoFixtures, "amends", "- amendRequest: the derivative has an `amendOrder`"],
    [bybitFixtures, "balanceChannel", "- balanceEventWebsocketUpdate: the manifest says that a private channel"],
    [bybitFixtures, "socketLogin", "- wsAuthVector: the authenticator makes a login"],
    [hyperliquidFixtures, "paging", "- fillPages: no venue lists years of an account's past in one answer"],
    [hyperliquidFixtures, "autoDeleveraging", "- deleveragingEvents: the manifest's `notOffered` does not tell users"],
    [ftxFixtures, "serverTime", undefined],
    [ftxFixtures, "autoDeleveraging", undefined],
  ])("is refused where the venue has it, with the reason: %#", async (fixtures, name, reason) => {
    const failures = await failuresOf(leavingOut(fixtures, name), LEFT_OUT);
    if (reason === undefined) expect(failures).toEqual([]);
    else expect(failures.join("\n")).toContain(reason);
  });

  it("is refused where the connector asks for pages of open orders", async () => {
    const { openOrderPages: _pages, ...others } = gateIoFixtures;
    const [failure] = await failuresOf(leavingOut(others, "openOrderPages"), /open orders are asked for in one answer/);
    expect(failure).toContain("open orders are asked for with limit, so there are pages: give openOrderPages");
  });

  it("is refused where a private channel has no frame that shows how it is read", async () => {
    const { balanceEventWebsocketUpdate: _event, fundingPaymentEvent: _payment, ...others } = gateIoFixtures;
    const fixtures = leavingOut(others, "balanceChannel", "fundingPaymentEvent");
    const [failure] = await failuresOf(fixtures, /every private channel has a frame/);
    expect(failure).toContain("no fixture is a frame of these private channels: give positionEventForFullFill");
    expect(failure).toContain("'balances'");
  });

  it("is refused where the status of an order is asked for in a second list", async () => {
    const { configureForgottenOrderStatusResponse: _status, ...others } = hyperliquidFixtures;
    const [failure] = await failuresOf(others, /an order that is not known by its id is not known at all/);
    expect(failure).toMatch(/orderStatus and GET \/info\/historicalOrders: give configureForgottenOrderStatusResponse/);
  });

  it("is refused where requests name a market by more than its symbol", async () => {
    const { expectedOtherMarketData: _data, ...others } = hyperliquidFixtures;
    const [failure] = await failuresOf(others, /the names in requests that its row gives it/);
    expect(failure).toContain(
      'requests name ETH-USD by {"asset":2,"isIsolated":0} beside its symbol: give expectedOther',
    );
  });
});

describe("the size of contracts", () => {
  const OF_MARKET = /the market of the tests is one whose contract/;
  const OF_AMOUNTS = /the size of contracts is applied to every amount/;
  const contracts = gateIoFixtures.allSymbolsRequestMockResponse as { readonly body: readonly object[] };
  const ofOne = contracts.body.map((row, index) => (index === 0 ? { ...row, quanto_multiplier: "1" } : row));
  const withSizeOne = {
    ...gateIoFixtures,
    allSymbolsRequestMockResponse: { ...contracts, body: ofOne },
  } as PerpetualConnectorFixtures;

  it("is not 1 in the market of the tests where the venue lists another", async () => {
    const [failure] = await failuresOf(withSizeOne, OF_MARKET);
    expect(failure).toContain(
      "tradingPair is BTC-USDT, whose contract is one base unit, while allSymbolsRequestMockResponse lists ETH-USDT " +
        "with contracts of 0.01: choose a market like that one",
    );
  });

  it("is no question where sizes are in coins", async () => {
    expect(await failuresOf(ftxFixtures, OF_MARKET)).toEqual([]);
    expect(await failuresOf(hyperliquidFixtures, OF_AMOUNTS)).toEqual([]);
  });

  it("is missed by name where an amount is read without it, also in a market of size 1", async () => {
    const ofCoins = (markets: VenueMarkets): VenueMarkets => {
      const { connectorName, domain, byPair, account } = markets;
      const all = [...byPair.values()].map((market) => ({ ...market, rule: { ...market.rule, contractSize: ONE } }));
      return createVenueMarkets(connectorName, domain, all, account);
    };
    const venueModule = changed(gateIoFixtures.venueModule, ({ userStreamDataSource: stream }) => ({
      userStreamDataSource: {
        ...stream,
        parseUserStreamMessage: (markets, message, report) =>
          stream.parseUserStreamMessage(ofCoins(markets), message, report),
      },
    }));
    const [failure] = await failuresOf({ ...withSizeOne, venueModule }, OF_AMOUNTS);
    expect(failure).toContain(
      "an order is sent in contracts, and the amounts of these fixtures are read as base units",
    );
    expect(failure).toContain("'tradeEventForFullFillWebsocketUpdate'");
    expect(failure).not.toContain("'configureFullFillTradeResponse'");
  });
});
