import { describe, expect, it } from "vitest";
import { type ConnectOptions, connect, createConnector } from "../src/connect.ts";
import { SimulatedWorld } from "../src/runtime/simulated.ts";
import { venueModule } from "../src/venues/bybit/derivative.ts";
import { venueModule as acme, paperProtocol } from "./cli/outside-venue.ts";

const PAIRS = {
  ftx_perpetual: "BTC-USD",
  bybit_perpetual: "BTC-USDT",
  binance_perpetual: "BTC-USDT",
  okx_perpetual: "BTC-USDT",
  gate_io_perpetual: "BTC-USDT",
  hyperliquid_perpetual: "BTC-USD",
} as const;

function worldAndOptions(pair: string) {
  const world = new SimulatedWorld({ seed: 1 });
  const options: ConnectOptions = { runtime: world.runtime(), tradingPairs: [pair], paper: { quiet: true, seed: 1 } };
  return { world, options };
}

describe.each(Object.entries(PAIRS))("connect with paper on %s", (name, pair) => {
  it("trades with a funded key on an exchange of its own, and stop ends both", async () => {
    const { world, options } = worldAndOptions(pair);
    let url = "";
    world.network.faults = {
      onHttpRequest: (request) => {
        url = request.url;
        return undefined;
      },
    };
    const connector = await world.run(connect(name, options));
    expect(connector.ready).toBe(true);
    const order = connector.buy(pair, { amount: "0.01", type: "market", position: "open" });
    expect(await world.run(order.done)).toMatchObject({ ok: true, state: "filled" });
    expect(connector.positions()).toHaveLength(1);
    await world.run(connector.stop());
    const again = world.runtime().http.request({ method: "GET", url, headers: {}, timeoutMs: 1_000 });
    await expect(world.run(again)).rejects.toMatchObject({ code: "TRANSPORT_REFUSED" });
  });
});

describe.each(Object.entries(PAIRS))("a clock with fractions of a millisecond on %s", (name, pair) => {
  it("gives whole milliseconds to whoever asks or listens", async () => {
    const world = new SimulatedWorld({ seed: 1, startMs: 1_704_067_200_000.25 });
    const options = { runtime: world.runtime(), tradingPairs: [pair], paper: { quiet: true, seed: 1 } };
    const connector = await world.run(connect(name, options));
    const heard: number[] = [];
    for (const event of ["position", "balance", "gap", "notReady", "ready"] as const) {
      connector.on(event, ({ timestampMs }) => heard.push(timestampMs));
    }
    await world.run(connector.buy(pair, { amount: "0.01", type: "market", position: "open" }).done);
    await world.run(connector.refresh());
    const { margin } = connector;
    const told = [...connector.balances(), ...connector.positions(), ...(margin === undefined ? [] : [margin])];
    expect(told.length).toBeGreaterThan(2);
    expect([...told.map(({ timestampMs }) => timestampMs), ...heard].filter((time) => !Number.isInteger(time))).toEqual(
      [],
    );
    await world.run(connector.stop());
  });
});

describe("connect with paper", () => {
  it.each(["false", 0, null])("refuses %o as hasAccount", async (hasAccount) => {
    const { options } = worldAndOptions("BTC-USDT");
    const paper = { quiet: true, hasAccount } as unknown as { quiet: boolean };
    await expect(connect("bybit_perpetual", { ...options, paper })).rejects.toThrow(/paper.hasAccount is/);
  });

  it("reads market data without a key where it has no account", async () => {
    const { world, options } = worldAndOptions("BTC-USDT");
    const paper = { quiet: true, seed: 1, hasAccount: false };
    await using connector = await world.run(connect("bybit_perpetual", { ...options, paper }));
    expect(connector.hasCredentials).toBe(false);
    expect(connector.orderBook("BTC-USDT").isValid).toBe(true);
    expect(() => connector.buy("BTC-USDT", { amount: "0.01", type: "market", position: "open" })).toThrow();
    await world.run(connector.stop());
  });

  it("leaves the credentials of the program aside, missing ones too", async () => {
    const { world, options } = worldAndOptions("BTC-USDT");
    const credentials = { apiKey: "mine", apiSecret: undefined } as unknown as { apiKey: string; apiSecret: string };
    await using connector = await world.run(connect("okx_perpetual", { ...options, credentials }));
    expect(connector.balances().length).toBeGreaterThan(0);
    await world.run(connector.stop());
  });

  it("starts with what the options of the exchange say", async () => {
    const { world, options } = worldAndOptions("BTC-USDT");
    const paper = { quiet: true, startingBalance: "5000" };
    const connector = await world.run(connect("bybit_perpetual", { ...options, paper }));
    expect(connector.availableBalance("USDT").toFixed()).toBe("5000");
    await world.run(connector.stop());
  });

  it("says that the exchange does not speak the protocol of a venue from elsewhere", async () => {
    const { world, options } = worldAndOptions("BTC-USDT");
    const elsewhere = { ...venueModule, manifest: { ...venueModule.manifest, name: "elsewhere_perpetual" } };
    const opening = createConnector(elsewhere, options);
    await expect(world.run(opening)).rejects.toMatchObject({
      code: "CONFIG",
      message: "the exchange in the box does not speak the protocol of elsewhere_perpetual",
      hint: expect.stringContaining("restUrl"),
    });
  });
});

describe("connect with paper on a venue from outside of the package", () => {
  it("trades on a box that speaks the protocol which is given with it", async () => {
    const { world, options } = worldAndOptions("BTC-USDT");
    const paper = { quiet: true, seed: 1, protocol: paperProtocol };
    const connector = await world.run(connect(acme, { ...options, paper }));
    const order = connector.buy("BTC-USDT", { amount: "0.01", type: "market", position: "open" });
    await world.run(order.done);
    // The fee of the definition, and not that of the venue whose words are spoken.
    expect(order.fees.get("USDT")).toEqual(order.averagePrice?.times("0.01").times("0.001"));
    await world.run(connector.stop());
  });
});
