import { describe, expect, it } from "vitest";
import { UNIT } from "../../src/paper/engine/types.ts";
import type { PaperVenue } from "../../src/paper/index.ts";
import type { HttpResponse, Runtime } from "../../src/runtime/runtime.ts";
import { Stage } from "./stage.ts";

const ACCOUNTS = "/api/v4/futures/usdt/accounts";
const UNIFIED = "/api/v4/unified/accounts";
const FIGURES = { total_margin_balance: "7000", total_available_margin: "6000", total_maintenance_margin: "0" };
const BALANCES = { USDT: { equity: "5000", available: "4000" } };

/** The exchange in the box has classic accounts alone: here its account says that it is a unified one while `state` does. */
function unified(state: { isUnified: boolean; asked: number }) {
  const json = (body: object): HttpResponse => ({ status: 200, headers: {}, text: JSON.stringify(body) });
  return (runtime: Runtime): Runtime => ({
    ...runtime,
    http: {
      async request(request) {
        const { pathname } = new URL(request.url);
        if (pathname === UNIFIED) {
          state.asked += 1;
          return json({ user_id: 1_000, balances: BALANCES, ...FIGURES });
        }
        const response = await runtime.http.request(request);
        if (pathname !== ACCOUNTS || !state.isUnified) return response;
        return { ...response, text: response.text.replace('"margin_mode":0', '"margin_mode":1') };
      },
      close: () => runtime.http.close(),
    },
  });
}

/** Somebody moves 250 USDT into the futures wallet. */
function deposit(venue: PaperVenue): void {
  venue.execute({ type: "deposit", accountId: venue.accountId, amount: 250n * UNIT });
}

describe("a unified account of Gate.io", () => {
  it("has the balance that it was asked for, and not the futures wallet's, of which the stream tells", async () => {
    const state = { isUnified: true, asked: 0 };
    await using stage = await Stage.open("gate_io_perpetual", { runtime: unified(state) });
    const { connector } = stage;
    const totals: string[] = [];
    connector.on("balance", ({ asset, total }) => totals.push(`${asset} ${total.toFixed(0)}`));
    expect(connector.balance("USDT").toFixed()).toBe("5000");
    const before = state.asked;
    deposit(stage.venue);
    await stage.pass(5_000);
    expect(state.asked).toBeGreaterThan(before);
    await stage.taken("buy");
    await stage.pass(5_000);
    expect(connector.balance("USDT").toFixed(0)).toBe("5000");
    expect(new Set(totals)).toEqual(new Set(["USDT 5000"]));
  });

  it("that becomes a classic one again believes the stream again", async () => {
    const state = { isUnified: true, asked: 0 };
    await using stage = await Stage.open("gate_io_perpetual", { runtime: unified(state) });
    const { connector } = stage;
    state.isUnified = false;
    await stage.run(connector.refresh());
    const total = connector.balance("USDT");
    const told: string[] = [];
    connector.on("balance", (balance) => told.push(balance.total.minus(total).toFixed()));
    deposit(stage.venue);
    await stage.pass(300);
    expect(told).toEqual(["250"]);
  });
});
