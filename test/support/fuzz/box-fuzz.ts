import { createPaperVenue, PAPER_PASSPHRASE, type PaperVenue } from "../../../src/paper/index.ts";
import type { ProtocolName } from "../../../src/paper/protocols/protocols.ts";
import type { Random } from "../../../src/runtime/runtime.ts";
import { SimulatedWorld } from "../../../src/runtime/simulated.ts";
import { SeededRandom } from "../../../src/runtime/simulated-random.ts";
import { imbalance } from "../../paper/engine/harness.ts";
import { type Credentials, judge, SIGNERS, signedQuery } from "./box-clients.ts";
import { hyperliquidBody } from "./box-hyperliquid.ts";
import { type BoxRoute, routesOf } from "./box-routes.ts";
import { fieldsOf, madeUp } from "./box-values.ts";

export interface BoxFuzzReport {
  readonly requests: number;
  /** Answers that said that it was done. */
  readonly succeeded: number;
  /** Answers that said so to a request that changes something. */
  readonly changed: number;
  readonly refused: number;
  readonly longestMs: number;
  /** The request that took longest. */
  readonly longestText: string;
  readonly faults: readonly string[];
}

const KEYS = ["one", "two"].map((name) => ({ key: `key-${name}`, secret: `secret-${name}`, username: name }));
const MAX_FAULTS = 20;
/** Paths and bodies that no route of a protocol has. */
const BODIES = [
  "",
  "null",
  "[]",
  "{",
  '"x"',
  "1e400",
  '{"__proto__":{"a":1}}',
  `${"[".repeat(20_000)}${"]".repeat(20_000)}`,
];

const pick = <T>(random: Random, values: readonly T[]): T => values[random.integer(values.length)] as T;
const textOf = (value: unknown): string => (typeof value === "object" ? JSON.stringify(value) : String(value));

/** Random calls of all routes of a protocol by two accounts, on a venue where nobody else trades. */
export async function fuzzBox(api: ProtocolName, seed: number, requests: number): Promise<BoxFuzzReport> {
  const world = new SimulatedWorld({ seed });
  const accounts = KEYS.map(({ key, secret, username }) => ({ apiKey: key, apiSecret: secret, username }));
  const options = { api, seed, accounts, emptyBooks: true, rateLimits: "off", endedOrdersKept: 500 } as const;
  const venue = await world.run(createPaperVenue(options, world.runtime("venue")));
  const fuzz = new BoxFuzz(api, world, venue, new SeededRandom(seed, `box ${api}`));
  for (let count = 0; count < requests; count += 1) await fuzz.step();
  const report = fuzz.report(requests);
  await world.run(venue.stop());
  return report;
}

class BoxFuzz {
  readonly #api: ProtocolName;
  readonly #world: SimulatedWorld;
  readonly #venue: PaperVenue;
  readonly #random: Random;
  readonly #routes: readonly BoxRoute[];
  readonly #names: readonly string[];
  readonly #client;
  readonly #faults: string[] = [];
  #ids: unknown[] = [];
  #succeeded = 0;
  #changed = 0;
  #refused = 0;
  #longestMs = 0;
  #longestText = "";

  constructor(api: ProtocolName, world: SimulatedWorld, venue: PaperVenue, random: Random) {
    this.#api = api;
    this.#world = world;
    this.#venue = venue;
    this.#random = random;
    const { routes, names } = routesOf(api);
    // Orders and what changes them come more often: all else looks at what they left.
    const changes = routes.filter(({ method }) => method !== "GET");
    const orders = changes.filter(({ path }) => /order(s|\/create)?$/.test(path));
    this.#routes = [...routes, ...changes, ...orders, ...orders, ...orders];
    this.#names = names;
    this.#client = world.runtime("client");
  }

  async step(): Promise<void> {
    const random = this.#random;
    const { method, path } = pick(random, this.#routes);
    if (this.#api === "hyperliquid") return this.#post(method, path);
    const fields = fieldsOf(random, path, this.#names, this.#ids);
    const by: Credentials = { ...pick(random, KEYS), passphrase: PAPER_PASSPHRASE };
    const nowMs = this.#venue.now();
    const inPath = /positions|contracts|leverage/.test(path) ? "contract" : "orderId";
    const filled = path.replaceAll("{}", () =>
      encodeURIComponent(textOf(madeUp(random, inPath, this.#ids)).slice(0, 200)),
    );
    const isInQuery =
      method === "GET" ||
      this.#api === "binance" ||
      isSettingOfGate(this.#api, method, path) ||
      random.integer(20) === 0;
    const pairs = Object.entries(fields).map(([name, value]) => [
      name,
      textOf(this.#listed(name, value)).slice(0, 6_000),
    ]);
    const query = isInQuery ? signedQuery(this.#api, new URLSearchParams(pairs).toString(), by, nowMs) : "";
    const body = isInQuery
      ? ""
      : random.integer(30) === 0
        ? pick(random, BODIES)
        : JSON.stringify(this.#body(path, fields));
    const draft = { method, path: filled, query, body };
    const headers = random.integer(40) === 0 ? {} : SIGNERS[this.#api](draft, by, nowMs);
    await this.#send(draft, headers);
  }

  /** Hyperliquid's questions and actions differ in their bodies alone. */
  async #post(method: string, name: string): Promise<void> {
    const { key } = pick(this.#random, KEYS);
    const by = this.#venue.credentials("hyperliquid", key);
    const made = { random: this.#random, ids: this.#ids, nowMs: this.#venue.now(), by };
    const body = this.#random.integer(30) === 0 ? pick(this.#random, BODIES) : hyperliquidBody(method, name, made);
    const path = method === "GET" ? "/hyperliquid/info" : "/hyperliquid/exchange";
    await this.#send(
      { method, path, query: "", body },
      SIGNERS.hyperliquid({ method, path, query: "", body }, { key, secret: "", passphrase: "" }, 0),
    );
  }

  /** A batch of Binance's is JSON in a parameter. */
  #listed(name: string, value: unknown): unknown {
    if (name !== "batchOrders" || this.#random.integer(4) === 0) return value;
    return [fieldsOf(this.#random, "/fapi/v1/order", this.#names, this.#ids)];
  }

  #body(path: string, fields: object): unknown {
    if (!/batch/.test(path)) return fields;
    if (path.endsWith("batch_cancel_orders")) return this.#ids.slice(-2);
    const plain = this.#api === "gate_io" ? "/api/v4/futures/usdt/orders" : "/api/v5/trade/order";
    const single = this.#api === "bybit" ? path.replace("-batch", "") : plain;
    const rows = Array.from({ length: this.#random.integer(4) }, () =>
      fieldsOf(this.#random, single, this.#names, this.#ids),
    );
    return this.#api === "bybit" ? { category: "linear", ...fields, request: rows } : rows;
  }

  async #send(
    { method, path, query, body }: { method: string; path: string; query: string; body: string },
    headers: Readonly<Record<string, string>>,
  ): Promise<void> {
    const url = `http://${this.#venue.host}:${this.#venue.port}${path}${query === "" ? "" : `?${query}`}`;
    const what = `${method} ${path} ${decodeURIComponent(query.replaceAll("%", "%25")).slice(0, 300)} ${body.slice(0, 300)}`;
    const started = performance.now();
    const sentAs = this.#api === "hyperliquid" ? "POST" : method;
    const request = { method: sentAs, url, headers, ...(body === "" ? {} : { body }), timeoutMs: 5_000 };
    const answer = await this.#world.run(this.#client.http.request(request)).catch((error: unknown) => String(error));
    if (typeof answer === "string") return this.#note(`${what}: no answer, ${answer}`);
    if (method !== "GET" || this.#random.integer(50) === 0) await this.#world.advance(10);
    const tookMs = performance.now() - started;
    if (tookMs > this.#longestMs) [this.#longestMs, this.#longestText] = [tookMs, what];
    const { succeeded, fault } = judge(this.#api, answer.status, answer.text);
    if (fault !== undefined) this.#note(`${what}: ${fault}, ${answer.status} ${answer.text.slice(0, 200)}`);
    if (!succeeded) this.#refused += 1;
    else this.#succeeded += 1;
    if (method === "GET") return;
    if (succeeded) this.#changed += 1;
    this.#checkTruth(what, succeeded ? placedIds(this.#api, path, method, answer.text) : []);
  }

  /** Money and sizes add up, no book is crossed, and an order that was taken is there. */
  #checkTruth(what: string, placed: readonly string[]): void {
    const { engine } = this.#venue;
    if (imbalance(engine) !== 0n) this.#note(`${what}: the books do not add up`);
    for (const { spec, bestBid, bestAsk } of engine.markets()) {
      if (bestBid !== null && bestAsk !== null && bestBid >= bestAsk) this.#note(`${what}: ${spec.market} is crossed`);
    }
    if (placed.length === 0) return;
    const orders = KEYS.flatMap(({ username }) => this.#venue.truth(username, this.#api).orders);
    const known = new Set(orders.map(({ orderId }) => String(orderId)));
    for (const id of placed) if (!known.has(id)) this.#note(`${what}: order ${id} was taken and is not there`);
    this.#ids = [...this.#ids.slice(-200), ...placed, ...orders.slice(-3).map(({ clientId }) => clientId ?? "none")];
  }

  #note(fault: string): void {
    if (this.#faults.length < MAX_FAULTS) this.#faults.push(fault);
  }

  report(requests: number): BoxFuzzReport {
    return {
      requests,
      succeeded: this.#succeeded,
      changed: this.#changed,
      refused: this.#refused,
      longestMs: this.#longestMs,
      longestText: this.#longestText,
      faults: this.#faults,
    };
  }
}

/** Gate has the parameters of a setting in the query, and a cancel has no body. */
function isSettingOfGate(api: ProtocolName, method: string, path: string): boolean {
  return (
    api === "gate_io" && (method === "DELETE" || /(leverage|margin|risk_limit|dual_mode|position_mode)$/.test(path))
  );
}

/** Ids of the orders that an answer says it took. */
function placedIds(api: ProtocolName, path: string, method: string, text: string): readonly string[] {
  if (api === "hyperliquid") return [...text.matchAll(/"oid":(\d+)/g)].map(([, id = ""]) => id);
  const isOne =
    /\/api\/orders$|\/order\/create$|\/fapi\/v1\/order$|\/trade\/order$|\/usdt\/orders$/.test(path) &&
    method === "POST";
  if (!isOne) return [];
  const name = { ftx: "id", bybit: "orderId", binance: "orderId", okx: "ordId", gate_io: "id" }[api];
  const [, id] = new RegExp(`"${name}": ?"?([\\w-]+)`).exec(text) ?? [];
  return id === undefined ? ["none at all"] : [id];
}
