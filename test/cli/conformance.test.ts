import { describe, expect, it } from "vitest";
import type { ConformanceRow } from "../../packages/cli/src/conformance/row.ts";
import { ROWS, rowsOf } from "../../packages/cli/src/conformance/rows.ts";
import type { PerpetualVenue, VenueDerivative, VenueModule } from "../../src/connector/perpetual-venue.ts";
import type { AccountUpdate } from "../../src/model/account-update.ts";
import { decimal, ZERO } from "../../src/model/decimal.ts";
import { VenueUnavailableError } from "../../src/model/error.ts";
import { flatFee, type TradeFeeSchema } from "../../src/model/fee.ts";
import { loadVenue } from "../../src/registry.ts";
import { brokenModule, PAPER_CONNECTORS, simulateRun } from "./conformance-scene.ts";

type Run = Awaited<ReturnType<typeof simulateRun>>;

const failuresOf = ({ results }: Run) =>
  results.filter(({ status }) => status === "failed").map(({ row, detail }) => `${row.id}: ${detail}`);

describe("the rows, on a venue that does what it should", () => {
  it.each(PAPER_CONNECTORS)("all pass for %s, and nothing is left", async (name) => {
    const run = await simulateRun(name);
    expect(failuresOf(run)).toEqual([]);
    expect(run.results.map(({ row }) => row.id)).toEqual(ROWS.map(({ id }) => id));
    const skipped = run.results.filter(({ status }) => status === "skipped");
    for (const { detail } of skipped) expect(detail).toMatch(/^not offered: /);
    expect(run.cleanup).toEqual({ canceledOrders: 0, closingOrders: [], problems: [] });
    for (const { status, detail } of run.results) if (status === "passed") expect(detail).not.toBe("");
  });

  it("say what could not be provoked instead of passing", async () => {
    const run = await simulateRun("bybit_perpetual", { maxNotional: decimal("100"), rows: rowsOf(["fills"]) });
    expect(failuresOf(run)).toEqual([]);
    expect(run.row("fills.partial")).toMatchObject({ status: "skipped" });
    expect(run.row("fills.partial")?.detail).toMatch(/^the best price offers .* takes --max-notional \d+$/);
  });
});

/** What is wrong with the connector, and the rows that must say so. */
interface Bug {
  readonly name: string;
  readonly connector: string;
  readonly breakIt: (venue: PerpetualVenue) => Partial<PerpetualVenue>;
  readonly rows: Readonly<Record<string, RegExp>>;
}

const derivative =
  (change: (right: VenueDerivative) => Partial<VenueDerivative>): Bug["breakIt"] =>
  (venue) => ({ derivative: { ...venue.derivative, ...change(venue.derivative) } });

const NO_FEES: TradeFeeSchema = {
  makerPercentFee: ZERO,
  takerPercentFee: ZERO,
  makerFixedFees: [],
  takerFixedFees: [],
  buyPercentFeeDeductedFromReturns: false,
};

/** The same trade, as if nothing had been paid for it. */
const free = <Update extends AccountUpdate>(update: Update): Update =>
  update.type === "trade" ? { ...update, fee: flatFee("USD", ZERO) } : update;

const BUGS: readonly Bug[] = [
  {
    name: "fees of the history are not those of the stream",
    connector: "bybit_perpetual",
    breakIt: derivative((right) => ({
      tradesSince: async (...args) =>
        (await right.tradesSince(...args)).map((trade) =>
          trade.type === "trade" ? { ...trade, fee: flatFee("USDT", trade.price) } : trade,
        ),
    })),
    rows: { "fills.full": /fee .* was told, the history says/, "cleanup.history": /the history says/ },
  },
  {
    name: "a fill is missing in the history",
    connector: "binance_perpetual",
    breakIt: derivative((right) => ({
      tradesSince: async (...args) => (await right.tradesSince(...args)).slice(0, -1),
    })),
    rows: { "fills.full": /history has .* of our orders, we know of/ },
  },
  {
    name: "cancelling one order cancels all of the account",
    connector: "ftx_perpetual",
    breakIt: derivative((right) => ({
      placeCancel: (session, order) => {
        const request = right.placeCancel(session, order);
        const { data: _one, ...all } = request.request;
        return { ...request, request: { ...all, path: "/orders" } };
      },
    })),
    rows: { "orders.cancel-only-ours": /left at the venue: nothing/ },
  },
  {
    name: "twice the amount is sent",
    connector: "bybit_perpetual",
    breakIt: derivative((right) => ({
      placeOrder: (session, order) => right.placeOrder(session, { ...order, amount: order.amount.times(2) }),
    })),
    rows: {
      "orders.place": /asked to buy 0\.001 at .*, the venue lists buy 0\.002/,
      "fills.full": /over 0\.001 ended filled with 0\.002 executed/,
      "fills.maker": /0\.001 was asked for, 0\.002 was executed/,
      "cleanup.history": /was asked for/,
    },
  },
  {
    name: "post-only is forgotten",
    connector: "binance_perpetual",
    breakIt: derivative((right) => ({
      placeOrder: (session, order) =>
        right.placeOrder(session, { ...order, type: order.type === "limitMaker" ? "limit" : order.type }),
    })),
    rows: { "refusals.post-only": /it traded/ },
  },
  {
    name: "an amend changes the price only",
    connector: "bybit_perpetual",
    breakIt: derivative((right) => ({
      amendOrder: (session, order, amend) => {
        if (right.amendOrder === undefined) throw new Error("it cannot amend");
        return right.amendOrder(session, order, { ...amend, amount: undefined });
      },
    })),
    rows: { "orders.amend": /the order still has 0\.001 at/ },
  },
  {
    name: "funding has the wrong sign",
    connector: "bybit_perpetual",
    breakIt: derivative((right) => ({
      fetchFundingPayments: async (...args) =>
        (await right.fetchFundingPayments(...args)).map((payment) => ({ ...payment, amount: payment.amount.neg() })),
    })),
    rows: { "account.funding": /is due$/ },
  },
  {
    name: "the leverage is never sent",
    connector: "binance_perpetual",
    breakIt: derivative(() => ({ setTradingPairLeverage: async () => undefined })),
    rows: { "account.leverage": /set to 3, .* reads 10/ },
  },
  {
    name: "diffs lose what they say of asks",
    connector: "binance_perpetual",
    breakIt: ({ orderBookDataSource: right }) => ({
      orderBookDataSource: {
        ...right,
        // Otherwise the bytes of a diff never come here.
        bookWire: undefined,
        parseOrderBookDiffMessage: (session, message, frame) => {
          const half = Object.create(frame, { asks: { value: { push: () => undefined } } });
          const isRead = right.parseOrderBookDiffMessage(session, message, half);
          const { tradingPair, timestampMs, updateId, firstUpdateId, previousUpdateId } = half;
          return (
            Object.assign(frame, { tradingPair, timestampMs, updateId, firstUpdateId, previousUpdateId }) && isRead
          );
        },
      },
    }),
    rows: { "markets.book": /the book broke \d+ times meanwhile: crossed diff/ },
  },
  {
    name: "the account's fees are not the ones that are charged",
    connector: "bybit_perpetual",
    breakIt: derivative((right) => ({
      tradingFees: async (...args) => {
        const fees = await right.tradingFees(...args);
        const dear = { makerPercentFee: decimal("0.001"), takerPercentFee: decimal("0.002") };
        if ("makerPercentFee" in fees) return { ...fees, ...dear };
        return new Map([...fees].map(([tradingPair, schema]) => [tradingPair, { ...schema, ...dear }]));
      },
    })),
    rows: { "fills.fees": /the account's rate 0\.002 makes/, "fills.maker": /the account's rate 0\.001 makes/ },
  },
  {
    name: "fills and history agree on a fee that was never paid",
    connector: "ftx_perpetual",
    breakIt: ({ derivative: right, userStreamDataSource: stream }) => ({
      userStreamDataSource: {
        ...stream,
        parseUserStreamMessage: (...args) => stream.parseUserStreamMessage(...args).map(free),
      },
      derivative: {
        ...right,
        tradesSince: async (...args) => (await right.tradesSince(...args)).map(free),
        tradingFees: async () => NO_FEES,
      },
    }),
    rows: { "fills.fees": /the balance changed by -.* USD, fills and fees make/ },
  },
  {
    name: "positions are not read",
    connector: "binance_perpetual",
    breakIt: derivative(() => ({ fetchPositions: async () => [] })),
    rows: { "recovery.restart": /the new session finds 0/ },
  },
];

describe("the rows, on a connector with a bug", () => {
  it.each(BUGS)("find that $name", async ({ connector, breakIt, rows }) => {
    const broken = await brokenModule(connector, breakIt);
    const run = await simulateRun(connector, { connector: broken, rows: rowsOf(Object.keys(rows)) });
    for (const [id, detail] of Object.entries(rows)) {
      expect(run.row(id)).toMatchObject({ status: "failed" });
      expect(run.row(id)?.detail).toMatch(detail);
    }
  });
});

describe("a connection that does not come back", () => {
  it("fails the row that lost it, says what may be open, and undoes that as soon as there is one again", async () => {
    const { module } = await loadVenue("bybit_perpetual");
    let row = "";
    const connector: VenueModule = {
      ...module,
      createVenue: (options) => {
        if (row === "recovery.restart") throw new VenueUnavailableError("nobody answers");
        return module.createVenue(options);
      },
    };
    const onRow = (next: ConformanceRow) => {
      row = next.id;
    };
    const run = await simulateRun("bybit_perpetual", { connector, onRow, rows: rowsOf(["recovery"]) });
    expect(failuresOf(run)).toEqual([
      "recovery.restart: nobody answers; it left behind: orders and positions may be open: nobody answers",
    ]);
    expect(run.row("cleanup.flat")).toMatchObject({ status: "passed" });
    expect(run.truth.orders.filter(({ status }) => status !== "closed")).toEqual([]);
  });
});

describe("a run that is stopped", () => {
  /** Stops the run when, in a row, the connector makes one of its requests. */
  async function stoppedAt(id: string, request: "placeOrder" | "placeOrders" | "setPositionMode" | "placeCancel") {
    const stop = new AbortController();
    let row = "";
    const noticed = () => {
      if (row === id) stop.abort(new Error("stopped by the test"));
    };
    const connector = await brokenModule("bybit_perpetual", ({ derivative: right }) => {
      const spied: unknown = new Proxy(right, {
        get: (target, name) => {
          if (name === request) noticed();
          return Reflect.get(target, name);
        },
      });
      return { derivative: spied as VenueDerivative };
    });
    const onRow = (next: ConformanceRow) => {
      row = next.id;
    };
    return {
      run: await simulateRun("bybit_perpetual", { connector, rows: rowsOf([id]), stop: stop.signal, onRow }),
      row,
    };
  }

  it.each([
    ["fills.full", "placeOrder", { orders: 0, closing: 1 }],
    ["orders.batch", "placeOrders", { orders: 2, closing: 0 }],
    ["account.position-mode", "setPositionMode", { orders: 0, closing: 0 }],
    ["account.position-mode", "placeOrder", { orders: 0, closing: 1 }],
    ["recovery.restart", "placeOrder", { orders: 0, closing: 1 }],
  ] as const)("in the middle of %s (%s) leaves nothing open and no setting changed", async (id, request, undone) => {
    const { run, row } = await stoppedAt(id, request);
    expect(row).toBe(id);
    expect(run.isStopped).toBe(true);
    expect(run.results.some(({ row: { id: done } }) => done === id)).toBe(false);
    expect(failuresOf(run)).toEqual([]);
    const { canceledOrders: orders, closingOrders, problems } = run.cleanup;
    expect({ orders, closing: closingOrders.length, problems }).toEqual({ ...undone, problems: [] });
    expect(run.truth.orders.filter(({ status }) => status !== "closed")).toEqual([]);
    expect(run.truth.positions.filter(({ size }) => !size.isZero())).toEqual([]);
    expect(run.positionMode).toBe("oneWay");
  });
});
