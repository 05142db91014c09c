import fc from "fast-check";
import { createEngine } from "../../../src/paper/engine/engine.ts";
import type { Command, Engine, EngineEvent, PositionSide } from "../../../src/paper/engine/types.ts";
import { BTC, CONFIG, ETH, START_MS, u } from "./harness.ts";

export const ACCOUNTS = ["ann", "bob", "cid", "dan"] as const;

/** A command whose order id, where it has one, is still to be picked from what is open; and the time before it. */
export interface Action {
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
  positionSide: fc.constantFrom("both" as const, "long" as const, "short" as const),
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

const setting: fc.Arbitrary<Command> = fc.oneof(
  fc.record({
    type: fc.constant("setPositionMode" as const),
    accountId: account,
    mode: fc.constantFrom("oneWay" as const, "hedge" as const),
    market,
  }),
  fc.record({
    type: fc.constant("setMarginMode" as const),
    accountId: account,
    mode: fc.constantFrom("cross" as const, "isolated" as const),
    market,
  }),
  fc.record({
    type: fc.constant("setPositionMode" as const),
    accountId: account,
    mode: fc.constantFrom("oneWay" as const, "hedge" as const),
  }),
  fc.record({
    type: fc.constant("setLeverage" as const),
    accountId: account,
    leverage: fc.constantFrom(u("2"), u("5"), u("20"), u("21")),
    market,
  }),
);

const command: fc.Arbitrary<Command> = fc.oneof(
  { weight: 4, arbitrary: setting },
  {
    weight: 6,
    arbitrary: fc.record({
      type: fc.constant("adjustIsolatedMargin" as const),
      accountId: account,
      market,
      positionSide: fc.constantFrom("both" as const, "long" as const, "short" as const),
      amount: fc.bigInt(u("-12"), u("12")),
    }),
  },
  {
    weight: 10,
    arbitrary: fc.record({
      type: fc.constant("amendOrder" as const),
      accountId: account,
      orderId: fc.nat(9),
      price: fc.option(price),
      size: fc.option(size),
    }),
  },
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
  {
    weight: 1,
    arbitrary: fc.record({
      type: fc.constantFrom("liquidate" as const, "deleverage" as const),
      accountId: account,
      market: fc.constantFrom("BTC-USD", "ETH-USD"),
      positionSide: fc.constantFrom<PositionSide>("both", "long", "short"),
    }),
  },
  {
    weight: 1,
    arbitrary: fc.record({
      type: fc.constant("withdraw" as const),
      accountId: account,
      amount: fc.bigInt(-1n, u("2000")),
    }),
  },
  { weight: 14, arbitrary: fc.constant<Command>({ type: "advance" }) },
);

export const actions: fc.Arbitrary<Action[]> = fc.array(
  fc.record({
    waitMs: fc.oneof(fc.constant(0), fc.nat(2_000), fc.integer({ min: 0, max: 5_000_000 })),
    pick: fc.nat(50),
    command,
  }),
  { minLength: 40, maxLength: 160, size: "max" },
);

export function start(): Engine {
  return createEngine({
    ...CONFIG,
    markets: [
      { ...BTC, maxOpenOrders: 3 },
      { ...ETH, tick: u("0.5"), initialPrice: u("100") },
    ],
    autoDeleverage: true,
    makerFee: u("-0.00012345"),
    takerFee: u("0.00076543"),
    insuranceFund: u("10"),
    maxOpenOrders: 4,
  });
}

/**
 * Points a cancel, replacement or amendment at one of the account's open orders and an order at a leg that fits the
 * position mode; every tenth or so at none. Half of the amendments of the size alone shrink.
 */
export function aim(engine: Engine, { command, pick }: Action): Command {
  const isAstray = pick % 10 === 9;
  if (isAstray) return command;
  switch (command.type) {
    case "placeOrder": {
      const [one, other] = engine.positions(command.accountId, command.market);
      if (one === undefined || other === undefined) return { ...command, positionSide: "both" };
      const opening = command.side === "buy" ? one : other;
      const closing = command.side === "buy" ? other : one;
      const isClosing = pick % 4 === 0 || (closing.size !== 0n && pick % 2 === 0);
      return { ...command, positionSide: isClosing ? closing.side : opening.side };
    }
    case "adjustIsolatedMargin": {
      const present = engine.positions(command.accountId, command.market);
      const positionSide = present[pick % present.length]?.side;
      return positionSide === undefined ? command : { ...command, positionSide };
    }
    case "cancelOrder":
    case "replaceOrder":
    case "amendOrder": {
      const open = engine.openOrders(command.accountId);
      const order = open[pick % Math.max(1, open.length)];
      if (order === undefined) return command;
      const aimed = { ...command, orderId: order.orderId };
      if (aimed.type !== "amendOrder" || pick % 4 !== 0) return aimed;
      const lots = (order.size - order.filled) / BTC.lot;
      return { ...aimed, price: null, size: order.filled + (lots / 2n) * BTC.lot };
    }
    default:
      return command;
  }
}

/** One account each of: one-way cross, hedge cross, one-way isolated, hedge with one isolated market. */
export function openAccounts(engine: Engine): (readonly EngineEvent[])[] {
  const commands: Command[] = ACCOUNTS.map((accountId, place) => ({
    type: "openAccount",
    accountId,
    cash: u("150") * BigInt(1 + place * place),
  }));
  commands.push(
    { type: "setPositionMode", accountId: "bob", mode: "hedge" },
    { type: "setMarginMode", accountId: "cid", mode: "isolated" },
    { type: "setPositionMode", accountId: "dan", mode: "hedge" },
    { type: "setMarginMode", accountId: "dan", mode: "isolated", market: "BTC-USD" },
  );
  return commands.map((command) => engine.execute(command, START_MS));
}
