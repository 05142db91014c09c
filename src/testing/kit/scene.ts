import type { ConnectorTimings, PerpetualConnectorOptions } from "../../connector/connector-options.ts";
import type { OrderOptions } from "../../connector/order-request.ts";
import { PerpetualConnector } from "../../connector/perpetual-connector.ts";
import type { PerpetualVenue } from "../../connector/perpetual-venue.ts";
import { Decimal } from "../../model/decimal.ts";
import type { ConnectorEventName, ConnectorEvents } from "../../model/event.ts";
import { splitTradingPair } from "../../model/market.ts";
import type { OrderSide, PositionAction, PositionMode, PositionSide } from "../../model/order.ts";
import type { Credentials } from "../../net/auth.ts";
import { SimulatedWorld } from "../../runtime/simulated.ts";
import type { InFlightOrder } from "../../trading/in-flight-order.ts";
import { assert } from "./assertion.ts";
import { isListOfRoutes, type Route } from "./fixture-shapes.ts";
import type { PerpetualConnectorFixtures } from "./fixtures.ts";
import { isPaste } from "./paste.ts";
import { type RecordedEvent, RecordingLogger, recordEvents } from "./recording.ts";
import { scriptedSocket } from "./scripted-socket.ts";
import { ScriptedVenue, WEB_SOCKET_URL } from "./scripted-venue.ts";
import { assertNoSecrets } from "./secrets.ts";
import { fill, type Values } from "./template.ts";

/** The fixtures that every scene stands on. A test names the others that it needs. */
export type SceneFixtures = Pick<
  PerpetualConnectorFixtures,
  | "venueModule"
  | "connectorName"
  | "domain"
  | "credentials"
  | "tradingPair"
  | "otherTradingPair"
  | "exchangeSymbolForTokens"
  | "restBasePath"
  | "sharedPaths"
  | "collateralToken"
  | "startMs"
  | "words"
  | "socket"
  | "restingRoutes"
  | "notOffered"
> &
  Partial<PerpetualConnectorFixtures>;

/** The order that a payload is about; amounts are decimal text. */
export interface FixtureOrder {
  readonly clientOrderId: string;
  readonly exchangeOrderId: string;
  readonly side: OrderSide;
  readonly amount: string;
  readonly price: string;
  readonly tradingPair?: string | undefined;
  readonly orderType?: string | undefined;
  readonly timeInForce?: string | undefined;
  readonly positionSide?: PositionSide | undefined;
}

export interface SceneOptions {
  readonly seed?: number | undefined;
  readonly startMs?: number | undefined;
  /** Default true: the connector is started and ready. */
  readonly ready?: boolean | undefined;
  readonly credentials?: Credentials | undefined;
  readonly withoutCredentials?: boolean | undefined;
  readonly timings?: Partial<ConnectorTimings> | undefined;
  readonly options?: Partial<PerpetualConnectorOptions> | undefined;
  /** The account's mode, set through the connector once it is ready. */
  readonly positionMode?: PositionMode | undefined;
  /** Changes the venue, for abilities that it does not have itself. */
  readonly venue?: ((venue: PerpetualVenue) => PerpetualVenue) | undefined;
  /** Runs before the connector starts. */
  readonly script?: ((server: ScriptedVenue) => void) | undefined;
}

/** Everything about an order that a scene may choose; the kit's order buys 1 at 5000 and opens a position. */
export type OrderChanges = Partial<Omit<OrderOptions, "amount" | "price">> & {
  readonly side?: OrderSide | undefined;
  readonly amount?: string | undefined;
  /** Null: none. */
  readonly price?: string | null | undefined;
  readonly tradingPair?: string | undefined;
};

/** A connector on the simulated runtime, in front of a scripted venue. */
export class Scene implements AsyncDisposable {
  readonly world: SimulatedWorld;
  readonly server: ScriptedVenue;
  readonly fixtures: SceneFixtures;
  readonly logger = new RecordingLogger();
  readonly venue: PerpetualVenue;
  connector: PerpetualConnector;
  events: RecordedEvent[];
  readonly #options: SceneOptions;
  readonly #startMs: number;

  constructor(fixtures: SceneFixtures, options: SceneOptions) {
    this.fixtures = fixtures;
    this.#options = options;
    this.#startMs = options.startMs ?? fixtures.startMs;
    this.world = new SimulatedWorld({ seed: options.seed ?? 1, startMs: this.#startMs });
    const { restingRoutes: routes, socket } = fixtures;
    if (isPaste(routes) || isPaste(socket)) throw new TypeError("a scene needs `restingRoutes` and `socket`");
    this.server = new ScriptedVenue({
      basePath: fixtures.restBasePath,
      routes,
      socket: scriptedSocket(socket),
      sharedPaths: fixtures.sharedPaths,
      fill: (template, values) => this.#fill(template, values),
      now: () => this.world.now(),
    });
    const venue = this.#createVenue();
    this.venue = options.venue?.(venue) ?? venue;
    options.script?.(this.server);
    this.connector = this.#createConnector();
    this.events = recordEvents(this.connector);
  }

  /** The checklist's `create_exchange_instance`. */
  #createVenue(): PerpetualVenue {
    const { venueModule, connectorName, domain = connectorName } = this.fixtures;
    const { restUrl, webSocketUrl } = this.server;
    return venueModule.createVenue({ domain, restUrl, webSocketUrl });
  }

  #createConnector(): PerpetualConnector {
    const { credentials = this.fixtures.credentials, withoutCredentials, timings, options } = this.#options;
    return new PerpetualConnector({
      venue: this.venue,
      runtime: this.world.runtime("connector"),
      tradingPairs: [this.fixtures.tradingPair],
      credentials: withoutCredentials === true ? undefined : credentials,
      logger: this.logger,
      journalPath: "journal.db",
      timings,
      ...options,
    });
  }

  /** A new process on the same disk. Use after `world.kill("connector")` or a stop. */
  restart(): void {
    this.connector = this.#createConnector();
    this.events = recordEvents(this.connector);
  }

  async start(): Promise<void> {
    await this.world.run(this.connector.start());
    await this.world.run(this.connector.waitUntilReady());
    const { positionMode } = this.#options;
    if (positionMode !== undefined) await this.run(this.connector.setPositionMode(positionMode));
  }

  run<T>(promise: PromiseLike<T>): Promise<T> {
    return this.world.run(promise);
  }

  /** Moves time on until `condition` holds, in small steps; fails after `limitMs`. */
  async until(what: string, condition: () => boolean, limitMs = 60_000): Promise<void> {
    const untilMs = this.world.elapsedMs() + limitMs;
    await this.world.settle();
    while (!condition()) {
      if (this.world.elapsedMs() >= untilMs) assert.fail(`in ${limitMs / 1_000} s there was not: ${what}`);
      await this.world.advance(5);
    }
  }

  /** A fixture about an order, or about none: its placeholders become values. */
  fill<T>(template: T, order?: FixtureOrder, more: Values = {}): T {
    const values = order === undefined ? {} : this.valuesOf(order);
    return this.#fill(template, { ...values, ...more }) as T;
  }

  #fill(template: unknown, values: Values): unknown {
    const { tradingPair, words } = this.fixtures;
    const own = { startMs: this.#startMs, webSocketUrl: WEB_SOCKET_URL };
    const common = { ...own, ...this.#valuesOfPair(tradingPair), ...values };
    return fill(template, common, words);
  }

  /** Token of balances. */
  get collateralToken(): string {
    const { collateralToken, tradingPair } = this.fixtures;
    return collateralToken ?? splitTradingPair(tradingPair)[1];
  }

  /** The venue's own name of a market. */
  symbolOf(tradingPair: string): string {
    const [base, quote] = splitTradingPair(tradingPair);
    return fill(this.fixtures.exchangeSymbolForTokens, { base, quote });
  }

  #valuesOfPair(tradingPair: string): Values {
    const [base, quote] = splitTradingPair(tradingPair);
    return { tradingPair, base, quote, symbol: this.symbolOf(tradingPair) };
  }

  valuesOf(order: FixtureOrder): Values {
    const { side, amount, tradingPair = this.fixtures.tradingPair, positionSide = "both" } = order;
    const { expectedTradingRule: rule } = this.fixtures;
    const contractSize = rule === undefined || isPaste(rule) ? "1" : String(rule.contractSize ?? "1");
    const contracts = new Decimal(amount).div(contractSize).toFixed();
    return {
      orderType: "limit",
      timeInForce: "GTC",
      ...order,
      ...this.#valuesOfPair(tradingPair),
      positionSide,
      signedAmount: side === "sell" ? `-${amount}` : amount,
      signedContracts: side === "sell" ? `-${contracts}` : contracts,
      contracts,
    };
  }

  /** An order of ours, as the connector sends it. */
  order(changes: OrderChanges = {}): InFlightOrder {
    const { side = "buy", amount = "1", price = "5000", tradingPair, position = "open", ...others } = changes;
    const priced = price === null ? {} : { price };
    return this.connector[side](tradingPair ?? this.fixtures.tradingPair, { amount, ...priced, position, ...others });
  }

  /** A client order id of the venue's form that the connector did not make. */
  foreignClientOrderId(name: string): string {
    const rule = this.venue.manifest.clientOrderId;
    const digits = [...name].map((letter) => letter.charCodeAt(0).toString(16).padStart(2, "0")).join("");
    switch (rule.kind) {
      case "text":
        return `${rule.prefix}${name}`;
      case "integer":
        return String(Number.parseInt(digits.slice(-7), 16) + 1);
      case "uuid":
        return `00000000-0000-4000-8000-${digits.slice(-12).padStart(12, "0")}`;
      case "hex128":
        return `0x${digits.slice(-32).padStart(32, "0")}`;
      case "none":
        return name;
    }
  }

  /** The order as the venue's answers name it. */
  fixture(order: InFlightOrder, exchangeOrderId: string = this.exchangeOrderId): FixtureOrder {
    const { clientOrderId, side, amount, price, tradingPair, type, timeInForce, positionAction, positionMode } = order;
    return {
      clientOrderId,
      exchangeOrderId,
      side,
      amount: amount.toFixed(),
      price: price?.toFixed() ?? "",
      tradingPair,
      orderType: type,
      timeInForce,
      positionSide: positionMode === "oneWay" ? "both" : positionSideOf(side, positionAction),
    };
  }

  get exchangeOrderId(): string {
    const { expectedExchangeOrderId: id } = this.fixtures;
    return id === undefined || isPaste(id) ? assert.fail("the test does not name `expectedExchangeOrderId`") : id;
  }

  /** An order that the venue has taken. */
  async openOrder(changes: OrderChanges & { readonly exchangeOrderId?: string } = {}) {
    const { exchangeOrderId, ...orderChanges } = changes;
    const { orderCreationRequestSuccessfulMockResponse: routes } = this.fixtures;
    if (routes === undefined || isPaste(routes)) assert.fail("the test does not name the answer to a new order");
    const order = this.order(orderChanges);
    const fixture = this.fixture(order, exchangeOrderId);
    this.route(routes, fixture);
    const accepted = await this.run(order.accepted);
    assert.equal(accepted.ok, true, accepted.ok ? "" : String(accepted.error));
    return { order, fixture };
  }

  /** Scripts the answers of a fixture, about an order or about none. */
  route(routes: Route | readonly Route[], order?: FixtureOrder, more?: Values): void {
    this.server.route(...this.fill(isListOfRoutes(routes) ? routes : [routes], order, more));
  }

  /** A frame on the private connection. */
  send(frame: unknown, order?: FixtureOrder): void {
    this.server.sendPrivate(this.fill(frame, order));
  }

  named<Name extends ConnectorEventName>(name: Name): ConnectorEvents[Name][] {
    return this.events.flatMap((each) => (each.name === name ? [each.event as ConnectorEvents[Name]] : []));
  }

  /** Stops the connector and checks what holds at every end: no secret in a log line, every placeholder filled. */
  async [Symbol.asyncDispose](): Promise<void> {
    await this.world.run(this.connector.stop());
    await this.server.close();
    const { credentials = this.fixtures.credentials } = this.#options;
    assertNoSecrets(this.logger.text, this.server, credentials, this.venue.manifest.credentials);
    assert.deepEqual(this.server.unfilled, [], "placeholders without a value reached the wire");
  }
}

function positionSideOf(side: OrderSide, action: PositionAction): PositionSide {
  return (side === "buy") === (action === "open") ? "long" : "short";
}

export async function openScene(fixtures: SceneFixtures, options: SceneOptions = {}): Promise<Scene> {
  const scene = new Scene(fixtures, options);
  await scene.server.listen(scene.world.runtime("venue"));
  if (options.ready !== false) await scene.start();
  return scene;
}
