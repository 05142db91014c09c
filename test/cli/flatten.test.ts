import { describe, expect, it } from "vitest";
import { type Bench, startBench } from "./bench.ts";

/** A position and two orders, one of them of another process. */
async function getIntoTheMarket({ run }: Bench): Promise<void> {
  await run("buy BTC-USD 0.02 --type market --position open --wait");
  await run("sell ETH-USD 0.5 --type market --position open --wait");
  await run("buy BTC-USD 0.01 15000 --position open");
  await run("buy ETH-USD 0.5 1400 --position open --journal /project/another.journal");
}

function whatIsLeft({ venue }: Bench) {
  const { orders, positions } = venue.truth();
  return {
    orders: orders.filter(({ status }) => status !== "closed").length,
    positions: positions.filter(({ size }) => Number(size) !== 0).length,
  };
}

/** The venue behind a line that hides that it is a paper one. */
function hidePaper({ world }: Bench): void {
  world.network.faults = {
    onHttpRequest: ({ url }) =>
      url.includes("/paper/")
        ? { kind: "respond", response: { status: 404, headers: {}, text: "Not found" } }
        : undefined,
  };
}

describe("perpwire flatten", () => {
  it("cancels every order, closes every position and shows it", async () => {
    const bench = await startBench();
    await getIntoTheMarket(bench);
    expect(whatIsLeft(bench)).toEqual({ orders: 2, positions: 2 });
    const { json, exitCode, error } = await bench.run("flatten ftx_perpetual --json");
    expect(json).toMatchObject({
      connector: "ftx_perpetual",
      isFlat: true,
      canceledOrders: 2,
      openOrders: [],
      positions: [],
      problems: [],
    });
    expect(json.closingOrders).toMatchObject([
      { tradingPair: "BTC-USD", side: "sell", amount: "0.02", executedAmount: "0.02", state: "filled" },
      { tradingPair: "ETH-USD", side: "buy", amount: "0.5", executedAmount: "0.5", state: "filled" },
    ]);
    expect(whatIsLeft(bench)).toEqual({ orders: 0, positions: 0 });
    expect(error).toBe("");
    expect(exitCode).toBe(0);
    expect((await bench.run("flatten ftx_perpetual --json")).json).toMatchObject({ isFlat: true, canceledOrders: 0 });
  });

  it("asks first at a venue that is not known to be a paper one, and does nothing without a yes", async () => {
    const bench = await startBench();
    await getIntoTheMarket(bench);
    hidePaper(bench);
    const { environment } = bench;
    const refused = await bench.run("flatten ftx_perpetual", { environment, input: ["no"] });
    expect(refused.error).toBe(
      "cancel 2 orders and close 0.02 BTC-USD, -0.5 ETH-USD at ftx_perpetual? Type yes: " +
        "perpwire: not confirmed; nothing was done; --yes does not ask\n",
    );
    expect(refused.exitCode).toBe(1);
    expect((await bench.run("flatten ftx_perpetual", { environment })).exitCode).toBe(1);
    expect((await bench.run("flatten ftx_perpetual --json", { environment })).exitCode).toBe(1);
    expect(whatIsLeft(bench)).toEqual({ orders: 2, positions: 2 });
    const agreed = await bench.run("flatten ftx_perpetual", { environment, input: ["yes"] });
    expect(agreed.out).toMatch(/^isFlat +true$/m);
    expect(agreed.exitCode).toBe(0);
    expect(whatIsLeft(bench)).toEqual({ orders: 0, positions: 0 });
  });

  it("does not ask at a paper venue, nor with --yes", async () => {
    const bench = await startBench();
    expect((await bench.run("flatten ftx_perpetual")).out).toMatch(/^isFlat +true$/m);
    hidePaper(bench);
    expect((await bench.run("flatten ftx_perpetual --yes")).out).toMatch(/^isFlat +true$/m);
  });

  it("works while another process holds the journal", async () => {
    const bench = await startBench();
    await getIntoTheMarket(bench);
    const holder = bench.world.runtime("main").journals.open("/project/.perpwire/ftx_perpetual.journal");
    const process = await bench.run("flatten ftx_perpetual --json");
    holder.close();
    expect(process.error).toContain("flattening without it");
    expect(process.json).toMatchObject({ isFlat: true });
    expect(whatIsLeft(bench)).toEqual({ orders: 0, positions: 0 });
  });

  it("says what is left, and exits with 1, when the venue does not let it", async () => {
    const bench = await startBench();
    await getIntoTheMarket(bench);
    bench.world.network.faults = {
      onHttpRequest: ({ method }) =>
        method === "POST"
          ? {
              kind: "respond",
              response: { status: 400, headers: {}, text: '{"success":false,"error":"Size too small"}' },
            }
          : undefined,
    };
    const process = await bench.run("flatten ftx_perpetual --json --timeout 3 --log-level silent");
    expect(process.json).toMatchObject({ isFlat: false, canceledOrders: 2, openOrders: [] });
    expect(process.json.positions.map(({ tradingPair }: { tradingPair: string }) => tradingPair)).toEqual([
      "BTC-USD",
      "ETH-USD",
    ]);
    expect(process.json.problems.join()).toContain("Size too small");
    expect(process.exitCode).toBe(1);
  });

  it("needs the name of the connector", async () => {
    const { run } = await startBench();
    expect((await run("flatten")).exitCode).toBe(2);
    expect((await run("flatten nowhere_perpetual")).error).toMatch(/there is no connector "nowhere_perpetual"/);
  });
});
