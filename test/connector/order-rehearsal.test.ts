import { expect, it } from "vitest";
import { createConnector } from "../../src/connect.ts";
import { loadVenue } from "../../src/registry.ts";
import type { Runtime } from "../../src/runtime/runtime.ts";
import { SimulatedWorld } from "../../src/runtime/simulated.ts";
import { RecordingLogger } from "../../src/testing/kit/recording.ts";

const VENUES = [
  ["ftx_perpetual", "BTC-USD"],
  ["bybit_perpetual", "BTC-USDT"],
  ["binance_perpetual", "BTC-USDT"],
  ["okx_perpetual", "BTC-USDT"],
  ["gate_io_perpetual", "BTC-USDT"],
  ["hyperliquid_perpetual", "BTC-USD"],
] as const;

/** A runtime whose network is as good as real: it keeps connections ready, and notes what for and what is sent. */
function noting(runtime: Runtime) {
  const kept: string[] = [];
  const sent: string[] = [];
  const http: Runtime["http"] = {
    request(request) {
      sent.push(`${request.method} ${request.url} ${request.body ?? ""}`);
      return runtime.http.request(request);
    },
    keepReady(url, connections) {
      kept.push(`${connections} to ${new URL(url).host}`);
      return () => kept.push("none");
    },
    close: () => runtime.http.close(),
  };
  return { runtime: { ...runtime, http }, kept, sent };
}

it.each(VENUES)(
  "%s has rehearsed its orders before the first one, and nobody has seen any of them",
  async (name, pair) => {
    const world = new SimulatedWorld({ seed: 7 });
    const { runtime, kept, sent } = noting(world.runtime("trader"));
    const logger = new RecordingLogger();
    const options = { tradingPairs: [pair], paper: { seed: 7, quiet: true }, runtime, logger };
    const connector = await world.run(createConnector(name, options));
    const told: string[] = [];
    connector.on("orderCreated", () => told.push("created"));
    connector.on("orderCanceled", () => told.push("canceled"));
    connector.on("orderFailed", () => told.push("failed"));
    await world.run(connector.start());
    await world.run(connector.waitUntilReady());
    await world.advance(1_000);
    const rehearsals = logger.lines.filter(({ message }) => message.includes("rehearsed"));
    expect(rehearsals).toMatchObject([{ message: "orders were rehearsed", fields: { orders: 60 } }]);
    expect(
      sent.filter(
        (request) =>
          !request.includes("/info ") &&
          /order(?!s?[/-]?book)|"type":"cancel/i.test(request) &&
          /POST|DELETE|PUT/.test(request),
      ),
    ).toEqual([]);
    expect([told, connector.inFlightOrders.size, connector.doneOrders, connector.externalOrders()]).toEqual([
      [],
      0,
      [],
      [],
    ]);
    expect(kept).toEqual([expect.stringMatching(/^4 to /)]);
    await world.run(connector.stop());
    expect(kept).toEqual([expect.stringMatching(/^4 to /), "none"]);
  },
);

it("a signature that does not come at once is asked for once, and a stop does not wait for it", async () => {
  const world = new SimulatedWorld({ seed: 7 });
  const { runtime } = noting(world.runtime("trader"));
  const { module } = await loadVenue("bybit_perpetual");
  const asked: string[] = [];
  const createVenue: typeof module.createVenue = (options) => {
    const venue = module.createVenue(options);
    return {
      ...venue,
      // Code that this process has not rehearsed.
      derivative: { ...venue.derivative, placeOrder: (markets, order) => venue.derivative.placeOrder(markets, order) },
      createAuthenticator(credentials, context) {
        const authenticator = venue.createAuthenticator(credentials, context);
        return {
          ...authenticator,
          restAuthenticate(request) {
            if (!request.url.includes("/order/create")) return authenticator.restAuthenticate(request);
            asked.push(request.url);
            return new Promise(() => undefined);
          },
        };
      },
    };
  };
  const logger = new RecordingLogger();
  const options = { tradingPairs: ["BTC-USDT"], paper: { seed: 7, quiet: true }, runtime, logger };
  const connector = await world.run(createConnector({ ...module, createVenue }, options));
  await world.run(connector.start());
  await world.run(connector.waitUntilReady());
  await world.run(connector.stop());
  expect(asked).toHaveLength(1);
  expect(logger.lines.filter(({ message }) => message.includes("rehearsed"))).toMatchObject([
    { level: "debug", message: "orders cannot be rehearsed" },
  ]);
});
