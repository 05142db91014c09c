import { describe, expect, it } from "vitest";
import { startBench } from "./bench.ts";

const BUY = "buy BTC-USD 0.01 15000 --position open --json";

describe("perpwire why", () => {
  it("tells an order's story from the journal, without a key", async () => {
    const { run } = await startBench();
    const { clientOrderId, exchangeOrderId } = (await run(BUY)).json;
    await run(`cancel ${clientOrderId} --json`);
    const { out, error, exitCode } = await run(`why ${clientOrderId}`, { environment: {} });
    expect([error, exitCode]).toEqual([
      "perpwire: there is no journal /project/.perpwire/bybit_perpetual.journal; --journal names the file that the bot has as journalPath\n",
      1,
    ]);
    expect(out).toBe("");
    const told = await run(`why ${clientOrderId}`, { environment: { PERPWIRE_CONNECTOR: "ftx_perpetual" } });
    expect(told.exitCode).toBe(0);
    const lines = told.out.trimEnd().split("\n");
    expect(lines[0]).toBe(`${clientOrderId} (ftx_perpetual): buy 0.01 BTC-USD, limit at 15000, GTC, to open`);
    expect(lines[1]).toMatch(/^\d{4}-\d\d-\d\dT[\d:.]+Z {2}journalled, before anything of it was sent$/);
    expect(told.out).toContain(`-> open, id ${exchangeOrderId}`);
    expect(told.out).toContain("restart: the process before stopped at ");
    expect(told.out).toMatch(/says canceled.* -> canceled \(user\) \[venue /);
    expect(lines.at(-1)).toBe("ended canceled (user); executed 0");
  });

  it("has fills with their fees in its JSON", async () => {
    const { run } = await startBench();
    const { clientOrderId } = (await run("buy BTC-USD 0.02 --type market --position open --wait --json")).json;
    const { json } = await run(`why ${clientOrderId} --json`);
    expect(json).toMatchObject({ clientOrderId, connector: "ftx_perpetual", state: "filled", executedAmount: "0.02" });
    const fills = json.changes.flatMap(({ by }: { by: { by: string; fill?: object }[] }) =>
      by.flatMap((each) => each.fill ?? []),
    );
    expect(fills.length).toBeGreaterThan(0);
    expect(fills[0]).toMatchObject({ fillId: expect.any(String), fees: [["USD", expect.any(String)]] });
  });

  it("names the nearest ids for one that the journal does not know", async () => {
    const { run } = await startBench();
    const { clientOrderId } = (await run(BUY)).json;
    const { error, exitCode } = await run(`why ${clientOrderId}x`);
    expect(error).toContain(`knows no order "${clientOrderId}x"; the nearest that it knows: ${clientOrderId}`);
    expect(exitCode).toBe(1);
    const other = await run("why x --connector kraken");
    expect(other.error).toContain("there is no journal");
    expect(other.error).toContain("no connector is named kraken: there are ftx_perpetual, ");
  });
});
