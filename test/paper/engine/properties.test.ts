import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { createEngine } from "../../../src/paper/engine/engine.ts";
import type { Command, Engine, EngineEvent } from "../../../src/paper/engine/types.ts";
import { BTC, CONFIG, ETH, START_MS, u } from "./harness.ts";
import { dump, Mirror } from "./mirror.ts";

const ACCOUNTS = ["ann", "bob", "cid", "dan"] as const;

/** A command whose order id, where it has one, is still to be picked from what is open; and the time before it. */
interface Action {
  readonly waitMs: number;
  readonly pick: number;
  readonly command: Command;
}

const account = fc.constantFrom(...ACCOUNTS);
const market = fc.constantFrom("BTC-USD", "BTC-USD", "ETH-USD");
const side = fc.constantFrom("buy" as const, "sell" as const);
const price = fc.oneof(
  { weight: 9, arbitrary: fc.integer({ min: 185, max: 215 }).map((ticks) => BigInt(ticks) * u("0.5")) },
  { weight: 1, arbitrary: fc.integer({ min: -1, max: 700 }).map((quarters) => BigInt(quarters) * u("0.25")) },
);
const size = fc.oneof(
  { weight: 8, arbitrary: fc.integer({ min: 100, max: 12_000 }).map((lots) => BigInt(lots) * BTC.lot) },
  { weight: 1, arbitrary: fc.integer({ min: -5, max: 2_000 }).map((units) => BigInt(units) * 1_000n) },
);
const clientId = fc.option(fc.integer({ min: 0, max: 150 }).map(String), { freq: 3 });

const placeOrder: fc.Arbitrary<Command> = fc.record({
  type: fc.constant("placeOrder" as const),
  accountId: account,
  market,
  side,
  orderType: fc.constantFrom("limit" as const, "limit" as const, "limit" as const, "limit" as const, "market" as const),
  price,
  size,
  timeInForce: fc.constantFrom(
    "GTC" as const,
    "GTC" as const,
    "GTC" as const,
    "GTC" as const,
    "IOC" as const,
    "FOK" as const,
  ),
  postOnly: fc.integer({ min: 0, max: 9 }).map((chance) => chance === 5),
  reduceOnly: fc.integer({ min: 0, max: 4 }).map((chance) => chance === 2),
  clientId,
});

const command: fc.Arbitrary<Command> = fc.oneof(
  { weight: 60, arbitrary: placeOrder },
  {
    weight: 8,
    arbitrary: fc.record({ type: fc.constant("cancelOrder" as const), accountId: account, orderId: fc.nat(9) }),
  },
  { weight: 1, arbitrary: fc.record({ type: fc.constant("cancelAll" as const), accountId: account, market, side }) },
  {
    weight: 8,
    arbitrary: fc.record({
      type: fc.constant("replaceOrder" as const),
      accountId: account,
      orderId: fc.nat(9),
      price: fc.option(price),
      size: fc.option(size),
      clientId,
    }),
  },
  {
    weight: 4,
    arbitrary: fc.record({
      type: fc.constant("setLeverage" as const),
      accountId: account,
      leverage: fc.constantFrom(0n, u("1"), u("5"), u("20"), u("20"), u("20"), u("21")),
    }),
  },
  {
    weight: 10,
    arbitrary: fc.record({
      type: fc.constant("setIndexPrice" as const),
      market,
      price: fc.integer({ min: 7_500, max: 13_000 }).map((cents) => BigInt(cents) * u("0.01") + 7n),
    }),
  },
  {
    weight: 1,
    arbitrary: fc.record({
      type: fc.constant("deposit" as const),
      accountId: account,
      amount: fc.bigInt(-5n, u("50")),
    }),
  },
  { weight: 14, arbitrary: fc.constant<Command>({ type: "advance" }) },
);

const actions: fc.Arbitrary<Action[]> = fc.array(
  fc.record({
    waitMs: fc.oneof(fc.constant(0), fc.nat(2_000), fc.integer({ min: 0, max: 5_000_000 })),
    pick: fc.nat(50),
    command,
  }),
  { minLength: 40, maxLength: 160, size: "max" },
);

function start(): Engine {
  return createEngine({
    ...CONFIG,
    markets: [BTC, { ...ETH, tick: u("0.5"), initialPrice: u("100") }],
    makerFee: u("-0.00012345"),
    takerFee: u("0.00076543"),
    insuranceFund: u("10"),
  });
}

/** Points a cancel or replacement at one of the account's open orders; every tenth or so at none. */
function aim(engine: Engine, { command, pick }: Action): Command {
  if (command.type !== "cancelOrder" && command.type !== "replaceOrder") return command;
  const open = engine.openOrders(command.accountId);
  const order = pick % 10 === 9 ? undefined : open[pick % Math.max(1, open.length)];
  return order === undefined ? command : { ...command, orderId: order.orderId };
}

function openAccounts(engine: Engine): EngineEvent[] {
  return ACCOUNTS.flatMap((accountId, place) => [
    ...engine.execute({ type: "openAccount", accountId, cash: u("150") * BigInt(1 + place * place * 3) }, START_MS),
  ]);
}

const RUNS = { seed: 20_220_914, numRuns: 300 };

describe("whatever the commands", () => {
  it("the books add up, no book is crossed, and events tell all that the views show, after each of them", () => {
    const seen = new Map<string, number>();
    fc.assert(
      fc.property(actions, (list) => {
        const engine = start();
        const mirror = new Mirror(engine);
        mirror.apply(openAccounts(engine));
        let nowMs = START_MS;
        for (const action of list) {
          nowMs += action.waitMs;
          const events = engine.execute(aim(engine, action), nowMs);
          for (const event of events) count(seen, event);
          mirror.apply(events);
          mirror.check();
        }
      }),
      RUNS,
    );
    expect(rare(seen)).toEqual([]);
  });

  it("a refusal changes nothing and says only that", () => {
    fc.assert(
      fc.property(actions, (list) => {
        const engine = start();
        openAccounts(engine);
        let nowMs = START_MS;
        for (const action of list) {
          nowMs += action.waitMs;
          engine.execute({ type: "advance" }, nowMs);
          const before = dump(engine);
          const events = engine.execute(aim(engine, action), nowMs);
          if (!events.some(({ type }) => type === "refused")) continue;
          expect(events).toHaveLength(1);
          expect(dump(engine)).toBe(before);
        }
      }),
      { ...RUNS, numRuns: 25 },
    );
  });

  it("after an advance no account is left below maintenance margin", () => {
    fc.assert(
      fc.property(actions, (list) => {
        const engine = start();
        openAccounts(engine);
        let nowMs = START_MS;
        for (const action of list) {
          nowMs += action.waitMs;
          engine.execute(aim(engine, action), nowMs);
          engine.execute({ type: "advance" }, nowMs);
          for (const accountId of ACCOUNTS) expect(engine.account(accountId)?.liquidating).toBe(false);
        }
      }),
      { ...RUNS, numRuns: 40 },
    );
  });

  it("the same commands at the same times give the same events", () => {
    fc.assert(
      fc.property(actions, (list) => {
        const engines = [start(), start()] as const;
        for (const engine of engines) openAccounts(engine);
        let nowMs = START_MS;
        for (const action of list) {
          nowMs += action.waitMs;
          const [one, other] = engines.map((engine) => engine.execute(aim(engine, action), nowMs));
          expect(one).toEqual(other);
        }
        expect(dump(engines[0])).toBe(dump(engines[1]));
      }),
      { ...RUNS, numRuns: 25 },
    );
  });
});

function count(seen: Map<string, number>, event: EngineEvent): void {
  const names = [event.type as string];
  if (event.type === "refused") names.push(event.code);
  if (event.type === "orderClosed") names.push(`closed ${event.order.closeReason}`);
  if (event.type === "cashChanged") names.push(`cash ${event.reason}`);
  for (const name of names) seen.set(name, (seen.get(name) ?? 0) + 1);
}

/** What the random commands must have brought about, or the property above proves little. */
function rare(seen: Map<string, number>): string[] {
  const wanted = [
    "fill",
    "fundingPaid",
    "liquidated",
    "cash insurance",
    "closed filled",
    "closed user",
    "closed postOnly",
    "closed iocRemainder",
    "closed fokUnfilled",
    "closed selfTrade",
    "closed reduceOnly",
    "closed liquidation",
    "closed amended",
    "insufficientMargin",
    "invalidReduceOnly",
    "duplicateClientId",
    "orderClosed",
    "liquidating",
  ];
  return wanted.filter((name) => (seen.get(name) ?? 0) < 5);
}
