import { afterEach, describe, expect, it } from "vitest";
import { BTC, type Harness, setMark, startVenue, type Wire } from "./harness.ts";

let gate: Harness;
afterEach(() => gate.venue.stop());

const position = async () => (await gate.call("GET", `/positions/${BTC}`)).body;
const labelOf = async (method: string, target: string, fields?: object) =>
  (await gate.call(method, target, fields)).body.label;

describe("the account", () => {
  it("counts cash without what is not realised, and says that it is a classic one", async () => {
    gate = await startVenue();
    await gate.hold(100);
    setMark(gate, "20100");
    const { body } = await gate.call("GET", "/accounts");
    expect(body).toMatchObject({
      ...{ total: "99999.9", unrealised_pnl: "1", in_dual_mode: false, position_mode: "single", margin_mode: 0 },
      history: { dnw: "100000", fee: "-0.1", pnl: "0", fund: "0" },
    });
    const { freeCollateral } = gate.venue.engine.account(gate.venue.accountId)!;
    expect(BigInt(Math.round(Number(body.available) * 1e8))).toBe(freeCollateral);
    expect((await gate.send("GET", "/api/v4/account/detail")).body).toMatchObject({ user_id: Number(gate.userId) });
    expect((await gate.send("GET", "/api/v4/unified/accounts")).body.label).toBe("USER_NOT_FOUND");
    expect((await gate.call("GET", `/fee?contract=${BTC}`)).body).toEqual({
      [BTC]: { taker_fee: "0.0005", maker_fee: "0.0002" },
    });
  });

  it("has a book of what came and went: profit and fee apart, funding by its id", async () => {
    gate = await startVenue({ fundingIntervalMs: 60_000 });
    await gate.hold(-100);
    setMark(gate, "20010");
    await gate.advance(61_000);
    gate.quote("sell", "20000", "0.01");
    await gate.place({ size: 100, price: "20000", tif: "ioc", reduce_only: true });
    const rows = (await gate.call("GET", "/account_book")).body;
    const { fundingPayments, fills } = gate.venue.truth();
    const [fund] = (await gate.call("GET", `/account_book?type=fund&contract=${BTC}`)).body;
    expect(fundingPayments).toHaveLength(1);
    expect(fund).toMatchObject({
      id: fundingPayments[0]!.paymentId,
      change: fundingPayments[0]!.amount,
      contract: BTC,
    });
    expect(rows.at(-1)).toMatchObject({ type: "dnw", change: "100000", contract: "" });
    const sum = rows.reduce((total: number, { change }: Wire) => total + Number(change), 0);
    expect(sum).toBeCloseTo(Number((await gate.call("GET", "/accounts")).body.total), 6);
    const fees = rows.filter(({ type }: Wire) => type === "fee");
    expect(fees.map(({ change }: Wire) => change)).toEqual(fills.map(({ fee }) => `-${fee}`).reverse());
    expect(new Set(rows.map(({ id }: Wire) => id)).size).toBe(rows.length);
  });
});

describe("positions", () => {
  it("are listed flat too unless only those that are held are asked for; a leverage of 0 is cross", async () => {
    gate = await startVenue();
    await gate.hold(-50);
    expect((await gate.call("GET", "/positions")).body).toHaveLength(4);
    const held = (await gate.call("GET", "/positions?holding=true")).body;
    expect(held).toMatchObject([
      {
        ...{ contract: BTC, size: -50, mode: "single", leverage: "0", cross_leverage_limit: "10", lever: "10" },
        ...{ pos_margin_mode: "cross", entry_price: "20000", value: "100", margin: "0", adl_ranking: 5 },
        ...{ pnl_fee: "-0.05", realised_pnl: "-0.05", pnl_pnl: "0" },
      },
    ]);
    expect((await gate.call("GET", `/dual_comp/positions/${BTC}`)).body).toHaveLength(1);
  });

  it("become isolated by a leverage and cross by one of 0, told in the query alone", async () => {
    gate = await startVenue();
    const set = (query: string) => gate.call("POST", `/positions/${BTC}/leverage?${query}`);
    expect((await set("leverage=5")).body).toMatchObject({ leverage: "5", cross_leverage_limit: "0", lever: "5" });
    expect((await set("leverage=5")).status).toBe(200);
    expect((await set("leverage=0&cross_leverage_limit=4")).body).toMatchObject({
      ...{ leverage: "0", cross_leverage_limit: "4", pos_margin_mode: "cross" },
    });
    expect(await labelOf("POST", `/positions/${BTC}/leverage`, { leverage: "7" })).toBe("MISSING_REQUIRED_PARAM");
    expect(await labelOf("POST", `/positions/${BTC}/leverage?leverage=100`)).toBe("LEVERAGE_TOO_HIGH");
    expect(await labelOf("POST", `/positions/${BTC}/margin?change=1`)).toBe("POSITION_CROSS_MARGIN");
    await gate.hold(10);
    expect(await labelOf("POST", `/positions/${BTC}/leverage?leverage=5`)).toBe("POSITION_HOLDING");
    expect((await set("leverage=0&cross_leverage_limit=8")).body).toMatchObject({ cross_leverage_limit: "8" });
  });

  it("hold margin of their own, which is moved in and out", async () => {
    gate = await startVenue();
    await gate.call("POST", `/positions/${BTC}/leverage?leverage=10`);
    await gate.hold(100);
    expect((await position()).margin).toBe("19.9");
    expect((await gate.call("POST", `/positions/${BTC}/margin?change=1.5`)).body.margin).toBe("21.4");
    expect((await gate.call("POST", `/positions/${BTC}/margin?change=-1`)).body.margin).toBe("20.4");
    expect(await labelOf("POST", `/positions/${BTC}/margin?change=-2`)).toBe("INSUFFICIENT_AVAILABLE");
  });

  it("are two of a contract in dual mode, each short one negative, opened by the sign and closed by reduce_only", async () => {
    gate = await startVenue();
    await gate.place();
    expect(await labelOf("POST", "/dual_mode?dual_mode=true")).toBe("ORDER_PENDING");
    await gate.call("DELETE", "/orders");
    expect((await gate.call("POST", "/dual_mode?dual_mode=true")).body).toMatchObject({ in_dual_mode: true });
    expect(await labelOf("POST", "/dual_mode?dual_mode=true")).toBe("NO_CHANGE");
    await gate.hold(80);
    await gate.hold(-30);
    const rows = (await gate.call("GET", `/dual_comp/positions/${BTC}`)).body;
    expect(rows.map(({ mode, size }: Wire) => [mode, size])).toEqual([
      ["dual_long", 80],
      ["dual_short", -30],
    ]);
    expect((await gate.call("GET", `/positions/${BTC}`)).body.label).toBe("POSITION_DUAL_MODE");
    expect(await labelOf("POST", "/set_position_mode?position_mode=single")).toBe("POSITION_HOLDING");
    gate.quote("buy", "20000", "1");
    expect(await gate.place({ size: -20, price: "0", tif: "ioc", reduce_only: true })).toMatchObject({ left: 0 });
    const closing = { size: 0, price: "0", tif: "ioc", auto_size: "close_long", reduce_only: true };
    expect(await gate.place(closing)).toMatchObject({ size: -60, left: 0, is_close: true, is_reduce_only: true });
    const left = (await gate.call("GET", "/positions?holding=true")).body;
    expect(left.map(({ mode, size }: Wire) => [mode, size])).toEqual([["dual_short", -30]]);
    expect(await labelOf("POST", "/orders", { contract: BTC, size: 0, close: true, price: "0", tif: "ioc" })).toBe(
      "POSITION_DUAL_MODE",
    );
  });

  it("are told when they were closed, by their owner or by the venue", async () => {
    gate = await startVenue({ insuranceFund: "1000000" });
    await gate.hold(100);
    gate.quote("buy", "20100", "0.01");
    await gate.place({ size: 0, close: true, price: "0", tif: "ioc" });
    expect((await gate.call("GET", "/position_close")).body).toMatchObject([
      {
        contract: BTC,
        side: "long",
        pnl_pnl: "1",
        max_size: 100,
        accum_size: 100,
        long_price: "20000",
        short_price: "20100",
      },
    ]);
    await gate.hold(100);
    const { accountId } = gate.venue;
    gate.venue.execute({ type: "deleverage", accountId, market: "BTC-USD", size: 250_000n });
    expect((await gate.call("GET", "/auto_deleverages")).body).toMatchObject([
      { contract: BTC, trade_size: -25, position_size: 75 },
    ]);
    gate.venue.execute({ type: "liquidate", accountId, market: "BTC-USD" });
    expect((await gate.call("GET", "/liquidates")).body).toMatchObject([{ contract: BTC, size: 75, order_size: -75 }]);
    const fills = (await gate.call("GET", "/my_trades")).body;
    expect(fills.slice(0, 2).map(({ text }: Wire) => text)).toEqual(["liquidation", "auto_deleveraging"]);
    const [liquidation, deleveraging] = (await gate.call("GET", "/orders?status=finished")).body;
    expect(liquidation).toMatchObject({ is_liq: true, text: "liquidation", finish_as: "liquidated" });
    expect(deleveraging).toMatchObject({ is_liq: false, text: "auto_deleveraging", finish_as: "auto_deleveraged" });
  });
});

describe("an order that waits for a price", () => {
  const order = (fields: object, initial: object = {}) => ({
    initial: { contract: BTC, size: -10, price: "0", tif: "ioc", text: "api", ...initial },
    trigger: { strategy_type: 0, price_type: 1, price: "19000", rule: 2, expiration: 600, ...fields },
  });
  const one = async (id: string) => (await gate.call("GET", `/price_orders/${id}`)).body;

  it("makes its order when the mark has come so far, and tells which", async () => {
    gate = await startVenue();
    await gate.hold(100);
    gate.quote("buy", "18000", "0.01");
    const { status, body } = await gate.call("POST", "/price_orders", order({}, { close: true, size: 0 }));
    expect([status, body.id_string]).toEqual([201, String(body.id)]);
    expect((await gate.call("GET", "/price_orders?status=open")).body).toMatchObject([{ id: body.id, status: "open" }]);
    setMark(gate, "18950");
    await gate.advance(50);
    const done = await one(body.id);
    expect(done).toMatchObject({ status: "finished", finish_as: "succeeded" });
    expect(gate.venue.truth().orders.at(-1)).toMatchObject({ orderId: done.trade_id, filled: "0.01" });
    expect(gate.venue.truth().positions.filter(({ size }) => size !== "0")).toEqual([]);
  });

  it("fails, expires or is cancelled, and is refused on the wrong side of the market", async () => {
    gate = await startVenue();
    const place = async (fields: object, initial: object = {}) =>
      (await gate.call("POST", "/price_orders", order(fields, initial))).body;
    expect(await place({ price: "21000" })).toMatchObject({ label: "AUTO_TRIGGER_PRICE_GREATE_LAST" });
    expect(await place({ rule: 1 })).toMatchObject({ label: "AUTO_TRIGGER_PRICE_LESS_LAST" });
    const [failing, expiring, cancelled] = [
      await place({}, { close: true, size: 0 }),
      await place({ expiration: 1 }),
      await place({ price: "18000" }),
    ];
    expect((await gate.call("DELETE", `/price_orders/${cancelled.id}`)).body).toMatchObject({ finish_as: "cancelled" });
    await gate.advance(2_000);
    setMark(gate, "18950");
    await gate.advance(50);
    expect(await one(failing.id)).toMatchObject({ finish_as: "failed", reason: "POSITION_EMPTY" });
    expect(await one(expiring.id)).toMatchObject({ finish_as: "expired" });
    expect(gate.venue.truth().orders).toEqual([]);
  });
});
