import { describe, expect, it } from "vitest";
import type { EventLine, HeadLine, HistoryLine } from "../../src/checker/history.ts";
import { brokenRules } from "./played.ts";

const RULE = "no order leaves unknown without evidence";
const LAWFUL = "an order's events are in a lawful order";

const HEAD: HeadLine = {
  ...{ kind: "history", version: 1, run: "r", connector: "bybit_perpetual", seed: 1, perpwire: "" },
  ...{ startMs: 0, token: "USDT", startingCash: "1", hasHand: false },
};
const OF = { host: "bot", life: 1, t: 1 } as const;

const event = (name: string, changes: object = {}): EventLine => {
  const data = { clientOrderId: "pw-1", tradingPair: "BTC-USDT", amount: "1", executedAmount: "0", ...changes };
  return { ...OF, kind: "event", name, data };
};
const asked = (id: number, url: string): HistoryLine => ({
  ...OF,
  kind: "request",
  id,
  method: "GET",
  url: `http://v${url}`,
});
const got = (id: number, status: number, text: string): HistoryLine => ({ ...OF, kind: "answer", id, status, text });
const frame = (text: string): HistoryLine => ({ ...OF, kind: "frame", socket: 1, dir: "in", text });
const STATUS = "/v5/order/realtime?orderLinkId=pw-1";
const CANCEL: HistoryLine = {
  ...{ ...OF, kind: "request", id: 1, method: "POST", url: "http://v/v5/order/cancel", body: '{"orderLinkId":"pw-1"}' },
};
const OPEN = "/v5/order/realtime?settleCoin=USDT";

const CREATE: HistoryLine = {
  ...{ ...OF, kind: "request", id: 1, method: "POST", url: "http://v/v5/order/create", body: '{"orderLinkId":"pw-1"}' },
};
const NONE = '{"retCode":0,"result":{"list":[]}}';
const row = (orderStatus: string) => JSON.stringify({ orderLinkId: "pw-1", orderStatus });
const FILL = {
  exchangeOrderId: "e-1",
  fillId: "f-1",
  price: "1",
  fee: { flatFees: [] },
  liquidity: "maker",
  side: "buy",
};
const completed = [event("orderFilled", FILL), event("orderCompleted", { executedAmount: "1" })];

/** What is broken when an order in doubt becomes something after these lines. */
const became = (name: string, ...lines: readonly HistoryLine[]) =>
  brokenRules([HEAD, event("orderUnknown"), ...lines, event(name)]);

describe("an order in doubt", () => {
  it("exists by a list that came before the doubt, where nothing had told of it until then", () => {
    const list = [asked(1, OPEN), got(1, 200, row("New"))];
    const doubtedAfter = (...lines: readonly HistoryLine[]) =>
      brokenRules([HEAD, ...lines, event("orderUnknown"), event("orderCreated", { exchangeOrderId: "e-1" })]);
    expect(doubtedAfter(...list)).toEqual([]);
    expect(doubtedAfter()).toEqual([RULE]);
    const known = event("orderCreated", { exchangeOrderId: "e-1" });
    expect(doubtedAfter(...list, known)).toContain(RULE);
  });

  it("has ended by what a row told before: an amend under way keeps that from being believed", () => {
    const told = (state: string, name: string) =>
      brokenRules([HEAD, frame(row(state)), event("orderUnknown"), event(name)]);
    expect(told("Rejected", "orderFailed")).toEqual([]);
    expect(told("Cancelled", "orderCanceled")).toEqual([]);
    expect(told("New", "orderFailed")).toEqual([RULE]);
    expect(told("Cancelled", "orderFailed")).toEqual([RULE]);
    expect(told("Rejected", "orderCreated")).toContain(RULE);
  });

  it("may exist when a frame or an answer names it, or something was done to it", () => {
    expect(became("orderCreated", frame('{"orderLinkId":"pw-1"}'))).toEqual([]);
    expect(became("orderCreated", asked(1, STATUS), got(1, 200, '[{"orderLinkId":"pw-1"}]'))).toEqual([]);
    expect(became("orderCreated", CANCEL, got(1, 200, '{"retCode":0}'))).toEqual([]);
  });

  it("may not exist because a look-up found nothing, or what was to be done to it was refused", () => {
    expect(became("orderCreated", asked(1, STATUS), got(1, 200, '{"retCode":0,"result":{"list":[]}}'))).toEqual([RULE]);
    expect(became("orderCreated", CANCEL, got(1, 200, '{"retCode":110001}'))).toEqual([RULE]);
  });

  it("may not exist because of something that names another, or of nothing", () => {
    expect(became("orderCreated")).toEqual([RULE]);
    expect(became("orderCanceled", frame('{"orderLinkId":"pw-12"}'))).toEqual([RULE]);
    expect(became("orderCreated", asked(1, OPEN), got(1, 200, "[]"))).toEqual([RULE]);
  });

  it("may have failed when making it was refused, a look-up or a list of open orders knows of none, or a row rejects it", () => {
    expect(became("orderFailed", CREATE, got(1, 200, '{"retCode":110007}'))).toEqual([]);
    expect(became("orderFailed", asked(1, STATUS), got(1, 200, NONE))).toEqual([]);
    expect(became("orderFailed", asked(1, OPEN), got(1, 200, NONE))).toEqual([]);
    expect(became("orderFailed", frame(row("Rejected")))).toEqual([]);
  });

  it("has not failed because of an answer that shows it, takes it, or leaves it open whether it was taken", () => {
    expect(became("orderFailed", asked(1, STATUS), got(1, 200, `{"retCode":0,"list":[${row("New")}]}`))).toEqual([
      RULE,
    ]);
    expect(became("orderFailed", asked(1, STATUS), got(1, 200, '{"retCode":10006}'))).toEqual([RULE]);
    expect(became("orderFailed", asked(1, OPEN), got(1, 200, '{"retCode":10006}'))).toEqual([RULE]);
    for (const code of [0, 10014, 10016]) {
      expect(became("orderFailed", CREATE, got(1, 200, `{"retCode":${code}}`)), String(code)).toEqual([RULE]);
    }
    expect(became("orderFailed", CANCEL, got(1, 200, '{"retCode":110001}'))).toEqual([RULE]);
    expect(became("orderFailed", frame(row("Cancelled")))).toEqual([RULE]);
  });

  it("has ended when a row says so, or a list of open orders does not name it", () => {
    expect(became("orderCanceled", frame(row("Cancelled")))).toEqual([]);
    expect(became("orderCanceled", asked(1, OPEN), got(1, 200, NONE))).toEqual([]);
    expect(brokenRules([HEAD, event("orderUnknown"), frame(row("Filled")), ...completed])).toEqual([]);
  });

  it("has not ended because of a row that shows it open, or that says another end", () => {
    expect(became("orderCanceled", frame(row("New")))).toEqual([RULE]);
    expect(became("orderCanceled", frame(row("Rejected")))).toEqual([RULE]);
    expect(brokenRules([HEAD, event("orderUnknown"), frame(row("Cancelled")), ...completed])).toEqual([RULE]);
  });

  // Its creation is told first, so that an end without evidence would never be looked at.
  it("takes evidence of its end also after it was found to exist", () => {
    const found = [HEAD, event("orderUnknown"), frame(row("New")), event("orderCreated")];
    expect(brokenRules([...found, event("orderCanceled")])).toEqual([RULE]);
    expect(brokenRules([...found, frame(row("Cancelled")), event("orderCanceled")])).toEqual([]);
  });

  it("is not named by a figure or a time that its number is a part of", () => {
    const named = [HEAD, event("orderAmended", { exchangeOrderId: "17" }), event("orderUnknown")];
    for (const text of ['{"p":20017}', '{"p":0.17}', '{"p":17.5}', '{"p":"T10:17:30"}', '{"p":"x-17"}']) {
      expect(brokenRules([...named, frame(text), event("orderCreated")]), text).toEqual([RULE]);
    }
    expect(brokenRules([...named, frame('{"orderId": 17}'), event("orderCreated")])).toEqual([]);
  });

  it("has not failed because a question was lost, or the venue was too busy", () => {
    const lost: HistoryLine = { ...OF, kind: "answer", id: 1, lost: "TRANSPORT_TIMEOUT", mayHaveLeft: true };
    expect(became("orderFailed")).toEqual([RULE]);
    expect(became("orderFailed", asked(1, STATUS), lost)).toEqual([RULE]);
    expect(became("orderFailed", asked(1, STATUS), got(1, 503, "pw-1"))).toEqual([RULE]);
    expect(became("orderFailed", asked(1, STATUS), got(1, 429, "slow down"))).toEqual([RULE]);
  });

  it("is known by the exchange's name for it as well", () => {
    const named = event("orderAmended", { exchangeOrderId: "e-9" });
    expect(
      brokenRules([HEAD, named, event("orderUnknown"), frame('{"orderId":"e-9"}'), event("orderCreated")]),
    ).toEqual([]);
  });
});

it("lets a process that was killed tell nothing more, and the next one tell an end again", () => {
  const end = event("orderCanceled");
  const killed: HistoryLine = { ...OF, kind: "process", what: "killed" };
  expect(brokenRules([HEAD, end, killed, { ...end, life: 2 }])).toEqual([]);
  expect(brokenRules([HEAD, killed, end])).toEqual([LAWFUL]);
  expect(brokenRules([HEAD, end, killed, { ...end, life: 2 }, { ...end, life: 2 }])).toEqual([LAWFUL]);
});

// A killed process had told what its full disk did not take (binance, hell, seed 664).
it("lets executed begin anew in the process after one that was killed, and never within a process or after a stop", () => {
  const filled = (life: number): HistoryLine[] => [
    { ...event("orderFilled", { ...FILL, amount: "0.4" }), life },
    { ...event("orderAmended", { executedAmount: "0.4" }), life },
  ];
  const over = (what: "killed" | "stopped"): HistoryLine => ({ ...OF, kind: "process", what });
  const anew = (life: number): HistoryLine => ({ ...event("orderAmended"), life });
  expect(brokenRules([HEAD, ...filled(1), over("killed"), anew(2), ...filled(2)])).toEqual([]);
  expect(brokenRules([HEAD, ...filled(1), over("killed"), anew(2), ...filled(2), anew(2)])).toEqual([LAWFUL]);
  expect(brokenRules([HEAD, ...filled(1), over("stopped"), anew(2)])).toEqual([LAWFUL]);
  expect(brokenRules([HEAD, ...filled(1), anew(1)])).toEqual([LAWFUL]);
});

it("lets a create be sent again where the venue refused the request or nothing of it left, and nowhere else", () => {
  const create = (id: number): HistoryLine => {
    return {
      ...OF,
      kind: "request",
      id,
      method: "POST",
      url: "http://v/v5/order/create",
      body: '{"orderLinkId":"pw-1"}',
    };
  };
  const lost = (mayHaveLeft: boolean): HistoryLine => ({
    ...OF,
    kind: "answer",
    id: 1,
    lost: "TRANSPORT_RESET",
    mayHaveLeft,
  });
  const TWICE = "no order is sent twice";
  expect(brokenRules([HEAD, create(1), got(1, 200, '{"retCode":10006}'), create(2)])).toEqual([]);
  expect(brokenRules([HEAD, create(1), lost(false), create(2)])).toEqual([]);
  expect(brokenRules([HEAD, create(1), lost(true), create(2)])).toEqual([TWICE]);
  expect(brokenRules([HEAD, create(1), got(1, 200, '{"retCode":0}'), create(2)])).toEqual([TWICE]);
  expect(brokenRules([HEAD, create(1), create(2)])).toEqual([TWICE]);
});

it("counts the risk limits' open orders after each command of the venue, those that close left out", () => {
  const riskLimits = { maxPosition: { "BTC-USDT": "1" }, maxOpenOrders: 1 };
  const order = (orderId: number): HistoryLine => {
    const terms = { market: "BTC-USD", side: "buy", price: "1", size: "1", filled: "0", reason: null } as const;
    return { t: 1, kind: "venue", type: "order", what: "opened", orderId, clientId: `pw-${orderId}`, ...terms };
  };
  const call = (position: string, ...orders: readonly string[]): HistoryLine => {
    return { ...OF, kind: "asked", call: "buy", step: "called", with: ["BTC-USDT", { position }], orders };
  };
  const started: HistoryLine = { ...OF, kind: "process", what: "started" };
  const limited: HeadLine = { ...HEAD, riskLimits };
  expect(brokenRules([limited, started, call("open", "pw-1"), call("close", "pw-2"), order(1), order(2)])).toEqual([]);
  expect(brokenRules([limited, started, call("open", "pw-1", "pw-2"), order(1), order(2)])).toEqual([
    "risk limits hold",
  ]);
  const held: HistoryLine = { t: 1, kind: "venue", type: "position", market: "BTC-USD", side: "both", size: "-1.1" };
  expect(brokenRules([limited, started, held])).toEqual(["risk limits hold"]);
});

it("holds a balance against what was so since its own refresh, whatever became of the one before", () => {
  const account = (t: number, cash: string): HistoryLine => {
    return { t, kind: "venue", type: "account", cash, equity: cash, available: cash };
  };
  const refresh = (t: number, step: "called" | "refused"): HistoryLine => {
    return { ...OF, t, kind: "asked", call: "refresh", step };
  };
  const shown = (total: string): HistoryLine => {
    const balances = [{ asset: "USDT", total, available: total }];
    const rest = { ready: true, orders: [], external: [], positions: [], books: [] };
    return { ...OF, t: 6, kind: "state", when: "refreshed", balances, ...rest };
  };
  const before = [HEAD, account(1, "5"), refresh(2, "called"), refresh(3, "refused"), account(4, "7")];
  expect(brokenRules([...before, refresh(5, "called"), shown("7")])).toEqual([]);
  expect(brokenRules([...before, refresh(5, "called"), shown("5")])).toEqual([
    "balances are the venue's after refresh",
  ]);
});
