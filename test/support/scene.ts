import assert from "node:assert/strict";
import type { ConnectorTimings, PerpetualConnectorOptions } from "../../src/connector/connector-options.ts";
import { PerpetualConnector } from "../../src/connector/perpetual-connector.ts";
import type { PerpetualVenue } from "../../src/connector/perpetual-venue.ts";
import type { ConnectorEventName, ConnectorEvents } from "../../src/model/event.ts";
import type { OrderSide } from "../../src/model/order.ts";
import type { Credentials } from "../../src/net/auth.ts";
import type { Logger } from "../../src/net/logger.ts";
import { SimulatedWorld } from "../../src/runtime/simulated.ts";
import type { InFlightOrder } from "../../src/trading/in-flight-order.ts";
import type { ConnectorFixtures, FixtureOrder } from "./connector-fixtures.ts";
import { ScriptedVenue } from "./scripted-venue.ts";

export interface LogLine {
  readonly level: keyof Logger;
  readonly message: string;
  readonly fields: Readonly<Record<string, unknown>>;
}

/** A logger that keeps every line. */
export class RecordingLogger implements Logger {
  readonly lines: LogLine[] = [];

  debug(message: string, fields = {}): void {
    this.lines.push({ level: "debug", message, fields });
  }
  info(message: string, fields = {}): void {
    this.lines.push({ level: "info", message, fields });
  }
  warn(message: string, fields = {}): void {
    this.lines.push({ level: "warn", message, fields });
  }
  error(message: string, fields = {}): void {
    this.lines.push({ level: "error", message, fields });
  }

  at(...levels: readonly LogLine["level"][]): LogLine[] {
    return this.lines.filter((line) => levels.includes(line.level));
  }

  get text(): string {
    return this.lines.map((line) => `${line.level} ${line.message} ${JSON.stringify(line.fields)}`).join("\n");
  }
}

export type RecordedEvent = {
  [Name in ConnectorEventName]: { readonly name: Name; readonly event: ConnectorEvents[Name] };
}[ConnectorEventName];

const EVENT_NAMES: readonly ConnectorEventName[] = [
  "orderCreated",
  "orderFilled",
  "orderCompleted",
  "orderCanceled",
  "orderExpired",
  "orderFailed",
  "orderUnknown",
  "orderLost",
  "externalOrder",
  "positionAdjustment",
  "position",
  "balance",
  "fundingPayment",
  "fundingInfo",
  "trade",
  "leverageChanged",
  "positionModeChanged",
  "positionModeChangeFailed",
  "bookInvalid",
  "bookHealed",
  "gap",
  "ready",
  "notReady",
];

/** Keeps every event of a connector. */
export function recordEvents(connector: PerpetualConnector): RecordedEvent[] {
  const events: RecordedEvent[] = [];
  for (const name of EVENT_NAMES) connector.on(name, (event) => events.push({ name, event } as RecordedEvent));
  return events;
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
  /** Changes the venue, for abilities that it does not have itself. */
  readonly venue?: ((venue: PerpetualVenue) => PerpetualVenue) | undefined;
  /** Runs before the connector starts. */
  readonly script?: ((server: ScriptedVenue) => void) | undefined;
}

/** A connector on the simulated runtime, in front of a scripted venue. */
export class Scene implements AsyncDisposable {
  readonly world: SimulatedWorld;
  readonly server: ScriptedVenue;
  readonly fixtures: ConnectorFixtures;
  readonly logger = new RecordingLogger();
  readonly venue: PerpetualVenue;
  connector: PerpetualConnector;
  events: RecordedEvent[];
  readonly #options: SceneOptions;

  constructor(fixtures: ConnectorFixtures, options: SceneOptions) {
    this.fixtures = fixtures;
    this.#options = options;
    const { startMs = fixtures.startMs } = options;
    this.world = new SimulatedWorld({ seed: options.seed ?? 1, startMs });
    this.server = new ScriptedVenue({
      basePath: fixtures.restBasePath,
      routes: fixtures.restingRoutes,
      socket: fixtures.socket,
      now: () => this.world.now(),
    });
    const { restUrl, webSocketUrl } = this.server;
    const venue = fixtures.createExchangeInstance({ restUrl, webSocketUrl });
    this.venue = options.venue?.(venue) ?? venue;
    fixtures.script?.(this.server, () => this.world.now());
    options.script?.(this.server);
    this.connector = this.#createConnector();
    this.events = recordEvents(this.connector);
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
  }

  run<T>(promise: PromiseLike<T>): Promise<T> {
    return this.world.run(promise);
  }

  /** Moves time on until `condition` holds, in small steps; fails after `limitMs`. */
  async until(what: string, condition: () => boolean, limitMs = 60_000): Promise<void> {
    const untilMs = this.world.elapsedMs() + limitMs;
    await this.world.settle();
    while (!condition()) {
      assert.ok(this.world.elapsedMs() < untilMs, `not within ${limitMs} ms: ${what}\n${this.logger.text}`);
      await this.world.advance(5);
    }
  }

  /** A limit order of ours, as the connector sends it. */
  order(changes: { readonly side?: OrderSide; readonly amount?: string; readonly price?: string } = {}): InFlightOrder {
    const { side = "buy", amount = "1", price = "5000" } = changes;
    return this.connector[side](this.fixtures.tradingPair, { amount, price, position: "open" });
  }

  /** The order as the venue's answers name it. */
  fixture(order: InFlightOrder, exchangeOrderId = this.fixtures.expectedExchangeOrderId): FixtureOrder {
    const { clientOrderId, side, amount, price } = order;
    return { clientOrderId, exchangeOrderId, side, amount: amount.toFixed(), price: price?.toFixed() ?? "" };
  }

  /** An order that the venue has taken. */
  async openOrder(changes: Parameters<Scene["order"]>[0] & { readonly exchangeOrderId?: string } = {}) {
    const order = this.order(changes);
    const fixture = this.fixture(order, changes.exchangeOrderId);
    this.server.route(...this.fixtures.orderCreationRequestSuccessfulMockResponse(fixture));
    assert.equal((await this.run(order.accepted)).ok, true);
    return { order, fixture };
  }

  named<Name extends ConnectorEventName>(name: Name): ConnectorEvents[Name][] {
    return this.events.flatMap((each) => (each.name === name ? [each.event as ConnectorEvents[Name]] : []));
  }

  /** Stops the connector and checks what holds at every end: no secret in a log line, nothing left running. */
  async [Symbol.asyncDispose](): Promise<void> {
    await this.world.run(this.connector.stop());
    await this.server.close();
    assertNoSecrets(this.logger.text, this.server, this.#options.credentials ?? this.fixtures.credentials);
  }
}

/** Neither the secret nor a signature that was sent is in the text. */
export function assertNoSecrets(text: string, server: ScriptedVenue, credentials: Credentials): void {
  assert.ok(!text.includes(credentials.apiSecret), "a log line holds the secret");
  const signatures = server.requests.flatMap(({ headers }) =>
    Object.entries(headers).flatMap(([name, value]) => (/sign/i.test(name) ? [value] : [])),
  );
  const inText = server.requests.flatMap(
    ({ target, rawBody }) => /signature=([0-9a-f]+)/.exec(`${target} ${rawBody}`)?.[1] ?? [],
  );
  const frames = server.connections.flatMap(({ received }) => received.map((frame) => JSON.stringify(frame)));
  const signed = frames.flatMap((frame) => /"sign":"([^"]+)"/.exec(frame)?.[1] ?? []);
  for (const signature of [...signatures, ...inText, ...signed])
    assert.ok(!text.includes(signature), "a log line holds a signature");
}

export async function openScene(fixtures: ConnectorFixtures, options: SceneOptions = {}): Promise<Scene> {
  const scene = new Scene(fixtures, options);
  await scene.server.listen(scene.world.runtime("venue"));
  if (options.ready !== false) await scene.start();
  return scene;
}
