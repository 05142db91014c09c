import type { AccountView, Engine, EngineEvent, FillView, PositionView } from "../../../src/paper/engine/types.ts";

const UNIT = 100_000_000n;

interface Leg {
  size: bigint;
  realized: bigint;
  view: PositionView | undefined;
}

/**
 * A second opinion on accounts: rebuilds cash, positions and isolated margin from the events alone and compares them
 * with the engine's views. `check` throws on the first difference.
 */
export class AccountMirror {
  readonly #engine: Engine;
  readonly #cash = new Map<string, bigint>();
  readonly #legs = new Map<string, Leg>();
  readonly #feesByOrder = new Map<number, bigint>();
  readonly #crossCash = new Map<string, bigint>();
  /** The most that the running batch may have moved out of an account's cross cash into isolated positions. */
  readonly #movable = new Map<string, bigint>();
  /** Accounts whose cross cash may change for other reasons: cross positions, deposits. */
  readonly #exempt = new Set<string>();

  constructor(engine: Engine) {
    this.#engine = engine;
  }

  startBatch(): void {
    this.#movable.clear();
    this.#exempt.clear();
    for (const accountId of this.#engine.accountIds()) {
      const positions = this.#engine.account(accountId)!.positions;
      const isIsolatedOnly = positions.every((view) => view.marginMode === "isolated" || view.size === 0n);
      if (!isIsolatedOnly) this.#exempt.add(accountId);
    }
  }

  apply(event: EngineEvent): void {
    switch (event.type) {
      case "cashChanged": {
        const cash = (this.#cash.get(event.accountId) ?? 0n) + event.change;
        expectTrue(cash === event.cash, `cash of ${event.accountId} does not follow from its changes`);
        this.#cash.set(event.accountId, cash);
        if (event.reason === "deposit") this.#exempt.add(event.accountId);
        break;
      }
      case "fill":
        this.#applyFill(event.fill);
        break;
      case "positionChanged":
        this.#leg(event.accountId, event.position.market, event.position.side).view = event.position;
        break;
      case "isolatedMarginAdjusted":
        this.#allow(event.accountId, event.amount);
        break;
      case "fundingPaid": {
        const { size, mark, rate, amount, accountId, market, positionSide, cash } = event.payment;
        const exact = -size * mark * rate - amount * UNIT * UNIT;
        expectTrue(exact * 2n <= UNIT * UNIT && exact * 2n >= -UNIT * UNIT, "a funding payment is off");
        expectTrue(this.#leg(accountId, market, positionSide).size === size, "funding for a size that is not there");
        expectTrue(cash === (this.#cash.get(accountId) ?? 0n), "funding tells other cash");
        break;
      }
      default:
    }
  }

  #applyFill(fill: FillView): void {
    const leg = this.#leg(fill.accountId, fill.market, fill.positionSide);
    const signed = fill.side === "buy" ? fill.size : -fill.size;
    const isOpposed = leg.size * signed < 0n;
    const closed = isOpposed ? least(magnitude(leg.size), fill.size) : 0n;
    expectTrue(fill.closedSize === closed, `fill ${fill.fillId} tells a wrong closed size`);
    expectTrue(closed > 0n || fill.realized === 0n, `fill ${fill.fillId} opens and realises`);
    leg.size += signed;
    leg.realized += fill.realized;
    if (fill.positionSide === "long") expectTrue(leg.size >= 0n, "a long leg is short");
    if (fill.positionSide === "short") expectTrue(leg.size <= 0n, "a short leg is long");
    this.#feesByOrder.set(fill.orderId, (this.#feesByOrder.get(fill.orderId) ?? 0n) + fill.fee);
    const settings = this.#engine.settings(fill.accountId, fill.market)!;
    if (settings.marginMode === "cross") this.#exempt.add(fill.accountId);
    const maxLeverage = this.#engine.market(fill.market)!.spec.maxLeverage;
    const margin = (fill.price * (fill.size - closed)) / least(settings.leverage, maxLeverage) + 1n;
    this.#allow(fill.accountId, margin);
    expectTrue(fill.sequence === this.#engine.sequence(), "a fill is of another command");
  }

  #allow(accountId: string, amount: bigint): void {
    this.#movable.set(accountId, (this.#movable.get(accountId) ?? 0n) + amount);
  }

  check(): void {
    for (const accountId of this.#engine.accountIds()) {
      const account = this.#engine.account(accountId)!;
      this.#checkCash(account);
      this.#checkOrders(accountId);
      for (const position of account.positions) this.#checkPosition(account, position);
      for (const { spec } of this.#engine.markets()) this.#checkPresent(account, spec.market);
    }
  }

  #checkCash(account: AccountView): void {
    const { accountId, cash, positions, crossCash } = account;
    const own = `of ${accountId}`;
    expectTrue(cash === (this.#cash.get(accountId) ?? 0n), `cash ${own}`);
    const isolated = sum(positions, ({ isolatedMargin }) => isolatedMargin);
    expectTrue(account.isolatedMargin === isolated && crossCash === cash - isolated, `cross cash ${own}`);
    const cross = positions.filter(({ marginMode }) => marginMode === "cross");
    const owes = crossCash < 0n && cross.every(({ size }) => size === 0n);
    expectTrue(!owes, `${accountId} has no cross position and owes`);
    const held = sum(positions, ({ orderMargin }) => orderMargin) + sum(cross, ({ initialMargin }) => initialMargin);
    const free = account.crossEquity - held;
    expectTrue(account.freeCollateral === (free > 0n ? free : 0n), `free collateral ${own}`);
    expectTrue(account.crossMaintenanceMargin === sum(cross, (view) => view.maintenanceMargin), `maintenance ${own}`);
    const before = this.#crossCash.get(accountId);
    const lost = before === undefined ? 0n : before - crossCash;
    const isIsolatedOnly = !this.#exempt.has(accountId);
    const isWithin = lost <= (this.#movable.get(accountId) ?? 0n);
    expectTrue(!isIsolatedOnly || isWithin, `isolated positions cost ${accountId} more than their margin`);
    this.#crossCash.set(accountId, crossCash);
  }

  #checkOrders(accountId: string): void {
    const orders = this.#engine.orders(accountId);
    for (const order of orders) {
      expectTrue(order.fees === (this.#feesByOrder.get(order.orderId) ?? 0n), `fees of order ${order.orderId}`);
      const fills = this.#engine.orderFills(accountId, order.orderId);
      expectTrue(order.filled === sum(fills, ({ size }) => size), `fills of order ${order.orderId}`);
      expectTrue(order.filledCost === sum(fills, ({ price, size }) => price * size), `cost of order ${order.orderId}`);
    }
    const closed = this.#engine.closedOrders(accountId);
    expectTrue(closed.length === orders.filter(({ status }) => status === "closed").length, "closed orders");
    const open = this.#engine.markets().map(({ spec }) => this.#engine.openOrders(accountId, spec.market).length);
    expectTrue(this.#engine.openOrders(accountId).length === open.reduce((a, b) => a + b, 0), "orders by market");
  }

  #checkPosition(account: AccountView, view: PositionView): void {
    const own = `${view.side} position of ${account.accountId} on ${view.market}`;
    const leg = this.#leg(account.accountId, view.market, view.side);
    expectTrue(view.size === leg.size && view.realized === leg.realized, own);
    expectTrue(view.size !== 0n || view.cost === 0n, `flat ${own} has a cost`);
    expectTrue(
      view.isolatedMargin === (leg.view?.isolatedMargin ?? 0n),
      `margin of ${own} differs from its last event`,
    );
    expectTrue(view.sequence === (leg.view?.sequence ?? 0), `sequence of ${own}`);
    const mayHold = view.size !== 0n && view.marginMode === "isolated";
    expectTrue(mayHold || view.isolatedMargin === 0n, `${own} holds margin`);
    const { positionMode, marginMode } = this.#engine.settings(account.accountId, view.market)!;
    expectTrue(view.marginMode === marginMode, `margin mode of ${own}`);
    const isPresent = (view.side === "both") === (positionMode === "oneWay");
    expectTrue(isPresent || view.size === 0n, `${own} is open in ${positionMode}`);
  }

  #checkPresent({ accountId, positions }: AccountView, market: string): void {
    const { positionMode } = this.#engine.settings(accountId, market)!;
    const present = this.#engine.positions(accountId, market);
    const sides = present.map(({ side }) => side).join();
    expectTrue(sides === (positionMode === "hedge" ? "long,short" : "both"), `${accountId} shows ${sides}`);
    for (const view of present) {
      const size = positions.find((one) => one.market === market && one.side === view.side)?.size ?? 0n;
      expectTrue(view.size === size, `${accountId} shows another ${view.side} position`);
    }
  }

  #leg(accountId: string, market: string, side: string): Leg {
    const key = `${accountId} ${market} ${side}`;
    const leg = this.#legs.get(key) ?? { size: 0n, realized: 0n, view: undefined };
    this.#legs.set(key, leg);
    return leg;
  }
}

export function expectTrue(isTrue: boolean, message: string): void {
  if (!isTrue) throw new Error(message);
}

function sum<Item>(items: readonly Item[], amountOf: (item: Item) => bigint): bigint {
  return items.reduce((total, item) => total + amountOf(item), 0n);
}

function magnitude(value: bigint): bigint {
  return value < 0n ? -value : value;
}

function least(one: bigint, other: bigint): bigint {
  return one < other ? one : other;
}
