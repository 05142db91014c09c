import { describe, expect, it } from "vitest";
import { AccountFlattener, type AccountFlattenerOptions } from "../../src/connector/account-flattener.ts";
import { type FlattenPorts, flatten } from "../../src/connector/flatten.ts";
import type { AccountRemainder, ConditionalOrder } from "../../src/model/account-remainder.ts";
import { decimal } from "../../src/model/decimal.ts";
import { NotFoundError, VenueUnavailableError } from "../../src/model/error.ts";
import type { VenueOrder } from "../../src/model/order.ts";
import type { Position } from "../../src/model/position.ts";
import type { VenueContext } from "../../src/net/venue-api.ts";
import { SimulatedWorld } from "../../src/runtime/simulated.ts";
import { RecordingLogger } from "../../src/testing/kit/recording.ts";
import type { InFlightOrder } from "../../src/trading/in-flight-order.ts";

const NOTHING: AccountRemainder = { conditionalOrders: [], elsewhere: [], unseen: [] };
const STOP: ConditionalOrder = { conditionalOrderId: "stop-1", symbol: "BTCUSDT", tradingPair: "BTC-USDT" };

/** An account that is flat but for what a test says. */
async function flattened(changes: Partial<FlattenPorts>, timeoutMs = 30_000) {
  const world = new SimulatedWorld({ seed: 1 });
  const { clock, timers } = world.runtime("bot");
  const ports: FlattenPorts = {
    openOrders: async () => ({ orders: [], unseen: [] }),
    isOurs: () => false,
    cancelAtVenue: async () => undefined,
    cancelAll: async () => [],
    remainder: async () => NOTHING,
    cancelConditional: async () => undefined,
    readPositionMode: async () => undefined,
    readPositions: async () => [],
    positions: () => [],
    closePosition: () => [],
    clock,
    timers,
    logger: new RecordingLogger(),
    ...changes,
  };
  const report = await world.run(flatten(ports, timeoutMs, new AbortController().signal));
  return { report, elapsedMs: world.elapsedMs() };
}

describe("a proof that an account is flat", () => {
  it("cancels conditional orders, and waits until the venue lists none", async () => {
    let left = [STOP];
    const canceled: string[] = [];
    const { report } = await flattened({
      remainder: async () => ({ ...NOTHING, conditionalOrders: left }),
      cancelConditional: async ({ conditionalOrderId }) => {
        canceled.push(conditionalOrderId);
        left = [];
      },
    });
    expect(canceled).toEqual(["stop-1"]);
    expect(report).toMatchObject({ isFlat: true, canceledOrders: 1, conditionalOrders: [] });
  });

  it("is none while a conditional order stands", async () => {
    const { report } = await flattened({
      remainder: async () => ({ ...NOTHING, conditionalOrders: [STOP] }),
      cancelConditional: async () => {
        throw new VenueUnavailableError("not now");
      },
    });
    expect(report).toMatchObject({ isFlat: false, conditionalOrders: [STOP] });
    expect(report.problems.join()).toContain("not now");
  });

  it("takes a conditional order that has gone since as gone", async () => {
    let asked = 0;
    const { report } = await flattened({
      remainder: async () => ({ ...NOTHING, conditionalOrders: asked++ === 0 ? [STOP] : [] }),
      cancelConditional: async () => {
        throw new NotFoundError("no such order");
      },
    });
    expect(report).toMatchObject({ isFlat: true, canceledOrders: 0, problems: [] });
  });

  it("names what the venue does not show, is none then, and does not use up its time on it", async () => {
    const unseen = ["conditional orders: the key may not read them"];
    const { report, elapsedMs } = await flattened({ remainder: async () => ({ ...NOTHING, unseen }) });
    expect(report).toMatchObject({ isFlat: false, unseen, problems: [] });
    expect(elapsedMs).toBeLessThan(5_000);
  });

  it("looks again at what the venue did not show at first", async () => {
    let asked = 0;
    const { report } = await flattened({
      remainder: async () => ({ ...NOTHING, unseen: asked++ < 2 ? ["orders: no answer"] : [] }),
    });
    expect(report).toMatchObject({ isFlat: true, unseen: [] });
  });

  it("names what stands on markets that are not known, and is none then", async () => {
    const elsewhere = ["a position of 3 on BTCUSD"];
    const { report } = await flattened({ remainder: async () => ({ ...NOTHING, elsewhere }) });
    expect(report).toMatchObject({ isFlat: false, elsewhere });
  });

  it("is none where nothing was heard of the rest of the account", async () => {
    const { report } = await flattened({ remainder: () => new Promise<never>(() => undefined) }, 3_000);
    expect(report.isFlat).toBe(false);
    expect(report.unseen).toEqual(["conditional orders and other markets: the venue has not answered"]);
  });
});

const externalOrder = (exchangeOrderId: string, tradingPair = "BTC-USDT") =>
  ({ exchangeOrderId, tradingPair }) as VenueOrder;
const position = (tradingPair: string) => ({ tradingPair, side: "both", amount: decimal("1") }) as Position;
const ended = { done: Promise.resolve({ ok: true }) } as unknown as InFlightOrder;
const hanging = { done: new Promise<never>(() => undefined) } as unknown as InFlightOrder;
const never = () => new Promise<never>(() => undefined);

describe("what hangs while an account is flattened", () => {
  it("as cancels of a hundred orders of others, keeps no position open", async () => {
    let open = [position("BTC-USDT")];
    const orders = Array.from({ length: 100 }, (_, index) => externalOrder(String(index)));
    const { report } = await flattened({
      openOrders: async () => ({ orders, unseen: [] }),
      cancelAtVenue: never,
      positions: () => open,
      closePosition: () => {
        open = [];
        return [ended];
      },
    });
    expect(report).toMatchObject({ isFlat: false, positions: [], openOrders: orders });
  });

  it("as the closing of ten positions, keeps no other open", async () => {
    const stuck = Array.from({ length: 10 }, (_, index) => position(`COIN${index}-USDT`));
    let last = [position("BTC-USDT")];
    const { report } = await flattened({
      positions: () => [...stuck, ...last],
      closePosition: ({ tradingPair }) => {
        if (tradingPair !== "BTC-USDT") return [hanging];
        last = [];
        return [ended];
      },
    });
    expect(report.positions).toEqual(stuck);
    expect(report.isFlat).toBe(false);
  });

  it("as a position that cannot be closed, is tried ever less often: every list weighs on the venue's limits", async () => {
    let [closings, lists] = [0, 0];
    const { report } = await flattened({
      positions: () => [position("BTC-USDT")],
      openOrders: async () => {
        lists += 1;
        return { orders: [], unseen: [] };
      },
      closePosition: () => {
        closings += 1;
        throw new VenueUnavailableError("not now");
      },
    });
    expect([report.isFlat, closings, lists]).toEqual([false, 8, 9]);
  });

  it("as a list of conditional orders, keeps no order of others from its cancel", async () => {
    let orders = [externalOrder("theirs")];
    const { report } = await flattened({
      openOrders: async () => ({ orders, unseen: [] }),
      cancelAtVenue: async () => {
        orders = [];
      },
      remainder: never,
    });
    expect(report).toMatchObject({ isFlat: false, canceledOrders: 1, openOrders: [] });
  });

  it("as the cancel of one order, is not sent a second time meanwhile", async () => {
    let sent = 0;
    await flattened({
      openOrders: async () => ({ orders: [externalOrder("theirs")], unseen: [] }),
      cancelAtVenue: () => {
        sent += 1;
        return never();
      },
    });
    expect(sent).toBe(1);
  });
});

describe("cancels of an account that is flattened", () => {
  const MORNING = externalOrder("7", "BTC-USDT");

  it("are sent again where the venue took one and did not carry it out", async () => {
    let sent = 0;
    let orders = [MORNING];
    const { report } = await flattened({
      openOrders: async () => ({ orders, unseen: [] }),
      cancelAtVenue: async () => {
        sent += 1;
        if (sent === 2) orders = [];
      },
    });
    expect([sent, report.isFlat, report.canceledOrders]).toEqual([2, true, 1]);
  });

  it("are one an order, where two markets and a conditional order share an id", async () => {
    let orders = [MORNING, externalOrder("7", "ETH-USDT")];
    let conditionalOrders: readonly ConditionalOrder[] = [{ ...STOP, conditionalOrderId: "7" }];
    const { report } = await flattened({
      openOrders: async () => ({ orders, unseen: [] }),
      cancelAtVenue: async (order) => {
        orders = orders.filter((each) => each !== order);
      },
      remainder: async () => ({ ...NOTHING, conditionalOrders }),
      cancelConditional: async () => {
        conditionalOrders = [];
      },
    });
    expect([report.isFlat, report.canceledOrders]).toEqual([true, 3]);
  });

  it("are not sent to orders of others for one of ours, which has its own", async () => {
    const canceled: VenueOrder[] = [];
    let isOpen = true;
    const { report } = await flattened({
      openOrders: async () => ({ orders: isOpen ? [MORNING] : [], unseen: [] }),
      isOurs: (order) => order === MORNING,
      cancelAll: async () => {
        const results = isOpen ? [{ clientOrderId: "ours", success: true }] : [];
        isOpen = false;
        return results;
      },
      cancelAtVenue: async (order) => {
        canceled.push(order);
      },
    });
    expect([report.isFlat, report.canceledOrders, canceled]).toEqual([true, 1, []]);
  });
});

describe("an account of which not everything is told", () => {
  it("keeps what was told last in its report", async () => {
    let asked = 0;
    const orders = [externalOrder("theirs")];
    const { report } = await flattened({
      openOrders: () => (asked++ < 3 ? Promise.resolve({ orders, unseen: [] }) : never()),
      cancelAtVenue: async () => {
        throw new VenueUnavailableError("not now");
      },
    });
    expect(report).toMatchObject({ isFlat: false, openOrders: orders });
    expect(report.unseen).toEqual(["open orders: the venue has not answered"]);
  });

  it("closes the positions that are known where the venue does not list them", async () => {
    let open = [position("BTC-USDT")];
    const { report } = await flattened({
      readPositions: never,
      positions: () => open,
      closePosition: () => {
        open = [];
        return [ended];
      },
    });
    expect(report).toMatchObject({ isFlat: false, positions: [], unseen: ["positions: the venue has not answered"] });
  });

  it("is not called flat when a row that cannot be read may be an open position", async () => {
    const { report } = await flattened({ readPositions: async () => ["a row of ETHUSDT: size is no number"] });
    expect(report).toMatchObject({ isFlat: false, unseen: ["a row of ETHUSDT: size is no number"] });
  });

  async function unseen(tell: (context: VenueContext) => void) {
    const world = new SimulatedWorld({ seed: 1 });
    const { clock, timers } = world.runtime("bot");
    const fetchOpenOrders = async (context: VenueContext) => {
      tell(context);
      return [];
    };
    const flattener = new AccountFlattener({
      venue: { derivative: { fetchRemainder: async () => NOTHING, fetchOpenOrders } },
      context: () => ({}),
      market: { tradingPairs: ["BTC-USDT", "OLD-USDT"], isGone: (pair: string) => pair === "OLD-USDT" },
      desk: { holdNewOrders: (_: string, work: () => unknown) => work() },
      withdrawAll: () => undefined,
      cancelAll: async () => [],
      readPositionMode: async () => undefined,
      readPositions: async () => [],
      positions: () => [],
      clock,
      timers,
      logger: new RecordingLogger(),
    } as unknown as AccountFlattenerOptions);
    return world.run(flattener.flatten(30_000, new AbortController().signal));
  }

  it("is not called flat when a row that cannot be read may be an open order", async () => {
    const report = await unseen((context) => {
      context.onUnreadable?.({ subject: "order", what: "a row of ETHUSDT", reason: "size is no number", row: {} });
    });
    expect(report).toMatchObject({ isFlat: false, unseen: ["a row of ETHUSDT: size is no number"] });
  });

  it("is not called flat when the orders of a market were not told", async () => {
    const report = await unseen(({ onMarketFailure }) => {
      onMarketFailure?.("BTC-USDT", new VenueUnavailableError("not now"));
    });
    expect(report).toMatchObject({ isFlat: false, unseen: ["the orders of BTC-USDT: not now"] });
  });

  it("is flat when no orders are told of a market that is gone", async () => {
    const report = await unseen(({ onMarketFailure }) => {
      onMarketFailure?.("OLD-USDT", new VenueUnavailableError("not now"));
    });
    expect(report).toMatchObject({ isFlat: true, unseen: [] });
  });
});
