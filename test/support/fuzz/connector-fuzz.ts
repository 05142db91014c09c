import { connect } from "../../../src/connect.ts";
import type { PerpetualConnector } from "../../../src/connector/perpetual-connector.ts";
import { PAPER_MARKETS } from "../../../src/paper/index.ts";
import { SILENT_LOGGER } from "../../../src/runtime/logger.ts";
import { SimulatedWorld } from "../../../src/runtime/simulated.ts";
import { SeededRandom } from "../../../src/runtime/simulated-random.ts";
import { BOX_PROTOCOLS, type BoxConnector } from "../../../src/simulation/box-protocols.ts";
import { mutated } from "./mutations.ts";
import { type OpenSocket, overheard } from "./overheard.ts";
import { Shapes } from "./seeds.ts";

export interface ConnectorFuzzReport {
  readonly frames: number;
  readonly answers: number;
  readonly faults: readonly string[];
  /** Simulated milliseconds from the last mutated frame until everything was known again. */
  readonly healedMs: number;
}

const FRAMES_A_STEP = 50;
const STEP_MS = 100;
const ONE_ANSWER_IN = 4;
const MAX_FAULTS = 20;
const ORDER_EVERY_STEPS = 100;
const HEALED_WITHIN_MS = 600_000;
const FIRST_MS = 30_000;
/** The box keeps little: in the same process that would be taken for what the connector keeps. */
const BOX = { endedOrdersKept: 50, endedOrdersKeptMs: 60_000, markets: PAPER_MARKETS.slice(0, 1) };

/**
 * Mutated frames to a running connector, each on the connection whose frames it is made of, and mutated answers to some
 * of its requests, while it trades: what it must bear without an exception, and get over.
 */
export async function fuzzConnector(
  name: BoxConnector,
  seed: number,
  count: number,
  onPart: (frames: number) => void = () => undefined,
): Promise<ConnectorFuzzReport> {
  const world = new SimulatedWorld({ seed });
  const fuzz = new ConnectorFuzz(new SeededRandom(seed, "connector fuzz"));
  const pair = `BTC-${BOX_PROTOCOLS[name].quote}`;
  const connector = await world.run(
    connect(name, {
      tradingPairs: [pair],
      paper: { seed, ...BOX },
      runtime: overheard(world.runtime("bot"), fuzz),
      logger: SILENT_LOGGER,
    }),
  );
  await world.advance(FIRST_MS);
  fuzz.isOn = true;
  let orders = 0;
  for (let step = 0; fuzz.frames < count && fuzz.faults.length < MAX_FAULTS; step += 1) {
    if (step % ORDER_EVERY_STEPS === 0) orders += fuzz.guarded("an order", () => order(connector, pair, orders));
    fuzz.send(Math.min(FRAMES_A_STEP, count - fuzz.frames));
    await world.advance(STEP_MS).catch((error: unknown) => fuzz.fault(error, "a step"));
    onPart(fuzz.frames);
  }
  fuzz.isOn = false;
  const healedMs = await healed(world, connector, pair).catch((error: unknown) => {
    fuzz.fault(error, "what follows the last frame");
    return Number.NaN;
  });
  await world.run(connector.stop());
  return { frames: fuzz.frames, answers: fuzz.answers, faults: fuzz.faults, healedMs };
}

class ConnectorFuzz {
  isOn = false;
  frames = 0;
  answers = 0;
  readonly faults: string[] = [];
  readonly #random: SeededRandom;
  readonly #sockets = new Set<OpenSocket>();
  /** Frames by the address of their connection, without what differs from one connection to the next. */
  readonly #seeds = new Map<string, string[]>();
  readonly #shapes = new Shapes();

  constructor(random: SeededRandom) {
    this.#random = random;
  }

  onOpen(socket: OpenSocket): void {
    this.#sockets.add(socket);
  }

  onFrame(text: string, url: string): void {
    const address = addressOf(url);
    if (!this.#shapes.isWanted(address, text === "pong" ? text : JSON.parse(text))) return;
    const known = this.#seeds.get(address) ?? [];
    known.push(text);
    this.#seeds.set(address, known);
  }

  onAnswer<Response extends { readonly text: string }>(_url: string, response: Response): Response {
    if (!this.isOn || this.#random.integer(ONE_ANSWER_IN) > 0) return response;
    this.answers += 1;
    return { ...response, text: mutated(this.#random, JSON.parse(response.text)) };
  }

  send(count: number): void {
    for (const socket of this.#sockets) if (!socket.connection.isOpen) this.#sockets.delete(socket);
    for (let sent = 0; sent < count; sent += 1) {
      const open = [...this.#sockets].filter(({ connection }) => connection.isOpen);
      const socket = open[this.#random.integer(Math.max(1, open.length))];
      const known = socket === undefined ? [] : (this.#seeds.get(addressOf(socket.url)) ?? []);
      const seed = known[this.#random.integer(Math.max(1, known.length))];
      if (socket === undefined || seed === undefined) return;
      const text = mutated(this.#random, seed === "pong" ? seed : JSON.parse(seed));
      this.frames += 1;
      this.guarded(text, () => socket.handlers.onText(text));
    }
  }

  guarded<T>(what: string, work: () => T): T | 0 {
    try {
      return work();
    } catch (error) {
      this.fault(error, what);
      return 0;
    }
  }

  fault(error: unknown, what: string): void {
    if (this.faults.length < MAX_FAULTS)
      this.faults.push(`${String((error as Error)?.stack ?? error).slice(0, 800)}\n  of ${what.slice(0, 800)}`);
  }
}

function addressOf(url: string): string {
  const { pathname } = new URL(url);
  return pathname.replaceAll(/[A-Za-z0-9]{20,}/g, "key");
}

/** In turn one that trades and one that rests until the next. */
function order(connector: PerpetualConnector, pair: string, number: number): number {
  if (!connector.ready) return 0;
  for (const { clientOrderId } of connector.inFlightOrders.values()) void connector.cancel(clientOrderId);
  const book = connector.orderBook(pair);
  const price = book.isValid ? book.bestBid?.price : undefined;
  if (price === undefined) return 0;
  if (number % 2 === 0) {
    const rule = connector.tradingRule(pair);
    const far = price.times("0.98").toDecimalPlaces(0);
    if (far.gt(0) && rule.minOrderSize.lte("0.01"))
      connector.buy(pair, { amount: "0.01", price: far, position: "open" });
  } else connector[number % 4 === 1 ? "buy" : "sell"](pair, { amount: "0.01", type: "market", position: "open" });
  return 1;
}

/** Waits until the connector is ready, its book valid and everything read anew; tells how long that took. */
async function healed(world: SimulatedWorld, connector: PerpetualConnector, pair: string): Promise<number> {
  const beganMs = world.elapsedMs();
  while (!(connector.ready && connector.orderBook(pair).isValid)) {
    await world.advance(STEP_MS);
    if (world.elapsedMs() - beganMs > HEALED_WITHIN_MS) {
      const missing = JSON.stringify(connector.status());
      throw new Error(`not healed within ${HEALED_WITHIN_MS} ms: ${missing}`);
    }
  }
  await world.run(connector.refresh());
  return world.elapsedMs() - beganMs;
}
