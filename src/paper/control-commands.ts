import { nearestName } from "../model/names.ts";
import { wordTable } from "../model/word-table.ts";
import type { ServerRequest, ServerResponse } from "../runtime/runtime.ts";
import { formatAmount } from "./engine/amount.ts";
import type { Command, Engine, EngineEvent, PositionSide } from "./engine/types.ts";
import type { AccountDirectory } from "./protocols/accounts.ts";
import type { Candle } from "./protocols/candle.ts";
import { type Fields, isObject, JsonFields } from "./protocols/json-fields.ts";
import type { MatchingQueue } from "./protocols/matching-queue.ts";
import type { ProtocolTruth } from "./protocols/paper-protocol.ts";
import { splitTarget } from "./protocols/request-target.ts";

export interface CommandPorts {
  readonly engine: Engine;
  readonly accounts: AccountDirectory;
  readonly queue: MatchingQueue;
  /**
   * Reads an account's record in the ids of the protocol of that name, or of the venue's first; undefined when the
   * venue does not speak it.
   */
  truthOf(api: string | undefined): ProtocolTruth | undefined;
  execute(command: Command): readonly EngineEvent[];
  setPrice(market: string, price: bigint): void;
  candles(market: string, resolutionMs: number): readonly Candle[];
}

interface Call {
  readonly ports: CommandPorts;
  readonly caller: string;
  readonly fields: JsonFields;
  readonly raw: Fields;
}

class ControlError extends Error {
  readonly status: number;
  readonly code: string | undefined;

  constructor(status: number, message: string, code?: string) {
    super(message);
    this.status = status;
    this.code = code;
  }
}

const refusals = {
  invalid: (name: string, wanted: string) => new ControlError(400, `${name} is not ${wanted}`),
  missing: (name: string) => new ControlError(400, `${name} is missing`),
};
const LEGS: readonly PositionSide[] = ["both", "long", "short"];
const MAX_DELAY_MS = 60_000;
const QUARTER_SECONDS = 15;

/**
 * Answers a command that somebody gives by hand to the venue or for an account: clients hear of it as of anything else
 * that happens there. Markets have the engine's names (`BTC-USD`), amounts are decimal text. An account is that of `key`
 * (`paper-key` by default) and `subaccount`.
 *
 * - `GET|POST /paper/matching`: `{ delayMs: [least, most] }`, time that accepted requests wait for the matching engine
 * - `POST /paper/price`: `{ market, price }`
 * - `POST /paper/market`: `{ market, status?, tick? }`, as `halt`, `resume`, `delist` and `changeTick` of `PaperVenue`:
 *   `status` is `trading`, `halted` or `delisted`
 * - `GET /paper/history?market=&seconds=60&limit=200`: candles, oldest first
 * - `POST /paper/settings`: `{ market?, leverage?, marginMode?, positionMode? }`, for all markets by default
 * - `POST /paper/orders`: `{ market, side, size, price?, positionSide?, reduceOnly?, postOnly?, timeInForce?, clientId?, api? }`
 * - `POST /paper/cancel`: `{ market?, orderId?, api? }`, all orders by default
 * - `POST /paper/transfer`: `{ amount }`, below zero takes out
 * - `POST /paper/liquidate` and `POST /paper/adl`: `{ market, positionSide?, size? }`; `size` is for `adl` alone
 *
 * The answer is `{ events }`, the types of what happened; a refusal is 400 with `code`, that of the engine. Undefined for
 * other paths.
 */
export function answerCommand(request: ServerRequest, ports: CommandPorts, caller: string): ServerResponse | undefined {
  const { path, query } = splitTarget(request.target);
  const route = ROUTES[`${request.method.toUpperCase()} ${path}`];
  if (route === undefined) return undefined;
  try {
    const raw =
      request.method.toUpperCase() === "GET" ? Object.fromEntries(new URLSearchParams(query)) : readBody(request);
    const unknown = unknownField(Object.keys(raw), route.fields);
    if (unknown !== undefined) throw new ControlError(400, unknown);
    return json(200, route.answer({ ports, caller, raw, fields: new JsonFields(raw, refusals) }));
  } catch (error) {
    if (!(error instanceof ControlError)) throw error;
    return json(error.status, { error: error.message, code: error.code });
  }
}

interface Route {
  /** Names of the fields that it reads. */
  readonly fields: readonly string[];
  answer(call: Call): object;
}

const ACCOUNT = ["key", "subaccount"];
const POSITION = [...ACCOUNT, "market", "positionSide"];
const ORDER = ["market", "side", "size", "price", "positionSide", "reduceOnly", "postOnly", "timeInForce", "clientId"];

const ROUTES: Readonly<Record<string, Route>> = wordTable({
  "GET /paper/matching": { fields: [], answer: ({ ports }) => ({ delayMs: ports.queue.delayMs }) },
  "POST /paper/matching": { fields: ["delayMs"], answer: setMatching },
  "POST /paper/price": { fields: ["market", "price"], answer: setPrice },
  "POST /paper/market": { fields: ["market", "status", "tick"], answer: changeMarket },
  "GET /paper/history": { fields: ["market", "seconds", "limit"], answer: history },
  "POST /paper/settings": {
    fields: [...ACCOUNT, "market", "leverage", "marginMode", "positionMode"],
    answer: changeSettings,
  },
  "POST /paper/orders": { fields: [...ACCOUNT, ...ORDER, "api"], answer: placeOrder },
  "POST /paper/cancel": { fields: [...ACCOUNT, "market", "orderId", "api"], answer: cancelOrders },
  "POST /paper/transfer": { fields: [...ACCOUNT, "amount"], answer: transfer },
  "POST /paper/liquidate": {
    fields: POSITION,
    answer: (call) => done(call, { type: "liquidate", ...positionOf(call) }),
  },
  "POST /paper/adl": {
    fields: [...POSITION, "size"],
    answer: (call) => {
      const size = call.fields.amount("size");
      return done(call, { type: "deleverage", ...positionOf(call), ...(size === undefined ? {} : { size }) });
    },
  },
});

/** Names the fields that are not known; a misspelt one would be dropped: a cancel of one market would cancel all. */
export function unknownField(given: Iterable<string>, known: readonly string[]): string | undefined {
  const other = [...given].find((name) => !known.includes(name));
  if (other === undefined) return undefined;
  const nearest = nearestName(other, known);
  const right = known.length === 0 ? "there are none" : `there are ${known.join(", ")}`;
  return `there is no field "${other}"; ${nearest === undefined ? right : `did you mean ${nearest}?`}`;
}

function setMatching({ ports, raw }: Call): object {
  const [least, most] = Array.isArray(raw.delayMs) ? raw.delayMs : [];
  const isRange = typeof least === "number" && typeof most === "number" && least >= 0 && most >= least;
  if (!isRange || most > MAX_DELAY_MS) throw new ControlError(400, "delayMs is not [least, most] up to a minute");
  ports.queue.delayMs = [least, most];
  return { delayMs: ports.queue.delayMs };
}

function setPrice({ ports, fields }: Call): object {
  const market = requireMarket(ports, fields);
  const price = fields.amount("price");
  if (price === undefined || price <= 0n) throw refusals.invalid("price", "a decimal number above zero");
  ports.setPrice(market, price);
  const { index = 0n, mark = 0n } = ports.engine.market(market) ?? {};
  return { market, index: formatAmount(index), mark: formatAmount(mark) };
}

function changeMarket({ ports, fields }: Call): object {
  const market = requireMarket(ports, fields);
  const status = fields.oneOf("status", ["trading", "halted", "delisted"] as const);
  const tick = fields.amount("tick");
  const commands: Command[] = [];
  if (tick !== undefined) commands.push({ type: "setTick", market, tick });
  if (status !== undefined) commands.push({ type: "setMarketStatus", market, status });
  if (commands.length === 0) throw new ControlError(400, "nothing is to be changed");
  return { events: commands.flatMap((command) => typesOf(executed(ports, command))) };
}

function history({ ports, fields }: Call): object {
  const market = requireMarket(ports, fields);
  const seconds = fields.integer("seconds") ?? 60;
  if (seconds <= 0 || seconds % QUARTER_SECONDS !== 0) throw new ControlError(400, "seconds is no multiple of 15");
  const limit = fields.integer("limit") ?? 200;
  if (limit < 1) throw refusals.invalid("limit", "a whole number from 1 up");
  const candles = ports.candles(market, seconds * 1_000).slice(-limit);
  return {
    market,
    candles: candles.map(({ startMs, open, high, low, close, baseVolume, quoteVolume }) => ({
      startMs,
      open: formatAmount(open),
      high: formatAmount(high),
      low: formatAmount(low),
      close: formatAmount(close),
      baseVolume: formatAmount(baseVolume),
      quoteVolume: formatAmount(quoteVolume),
    })),
  };
}

function changeSettings(call: Call): object {
  const { ports, fields } = call;
  const accountId = accountOf(call);
  const market = fields.text("market") === undefined ? {} : { market: requireMarket(ports, fields) };
  const leverage = fields.amount("leverage");
  const marginMode = fields.oneOf("marginMode", ["cross", "isolated"] as const);
  const positionMode = fields.oneOf("positionMode", ["oneWay", "hedge"] as const);
  const commands: Command[] = [];
  if (positionMode !== undefined) commands.push({ type: "setPositionMode", accountId, mode: positionMode, ...market });
  if (marginMode !== undefined) commands.push({ type: "setMarginMode", accountId, mode: marginMode, ...market });
  if (leverage !== undefined) commands.push({ type: "setLeverage", accountId, leverage, ...market });
  if (commands.length === 0) throw new ControlError(400, "nothing is to be changed");
  return { events: commands.flatMap((command) => typesOf(executed(ports, command))) };
}

function placeOrder(call: Call): object {
  const { ports, fields } = call;
  const side = fields.oneOf("side", ["buy", "sell"] as const);
  const size = fields.amount("size");
  if (side === undefined) throw refusals.missing("side");
  if (size === undefined) throw refusals.missing("size");
  const price = fields.amount("price") ?? null;
  const ids = idsOf(call);
  const events = executed(ports, {
    type: "placeOrder",
    accountId: accountOf(call),
    market: requireMarket(ports, fields),
    side,
    size,
    price,
    orderType: price === null ? "market" : "limit",
    positionSide: fields.oneOf("positionSide", LEGS) ?? "both",
    timeInForce: fields.oneOf("timeInForce", ["GTC", "IOC", "FOK"] as const) ?? (price === null ? "IOC" : "GTC"),
    postOnly: fields.flag("postOnly"),
    reduceOnly: fields.flag("reduceOnly"),
    clientId: fields.text("clientId") ?? null,
  });
  const accepted = events.find((event) => event.type === "orderAccepted");
  return { events: typesOf(events), orderId: accepted === undefined ? null : ids.orderId(accepted.order.orderId) };
}

function cancelOrders(call: Call): object {
  const { ports, fields } = call;
  const accountId = accountOf(call);
  const wireId = fields.text("orderId");
  if (wireId !== undefined) {
    const order = idsOf(call)
      .orders(accountId)
      .find(({ orderId }) => String(orderId) === wireId);
    if (order?.view == null) throw new ControlError(404, `no order ${wireId}`, "noSuchOrder");
    return done(call, { type: "cancelOrder", accountId, orderId: order.view.orderId });
  }
  const market = fields.text("market") === undefined ? {} : { market: requireMarket(ports, fields) };
  return done(call, { type: "cancelAll", accountId, ...market });
}

function transfer(call: Call): object {
  const amount = call.fields.amount("amount");
  if (amount === undefined) throw refusals.missing("amount");
  const accountId = accountOf(call);
  return amount < 0n
    ? done(call, { type: "withdraw", accountId, amount: -amount })
    : done(call, { type: "deposit", accountId, amount });
}

function positionOf(call: Call): { accountId: string; market: string; positionSide: PositionSide } {
  const { ports, fields } = call;
  const positionSide = fields.oneOf("positionSide", LEGS) ?? "both";
  return { accountId: accountOf(call), market: requireMarket(ports, fields), positionSide };
}

function done({ ports }: Call, command: Command): object {
  return { events: typesOf(executed(ports, command)) };
}

function executed(ports: CommandPorts, command: Command): readonly EngineEvent[] {
  const events = ports.execute(command);
  const refused = events.find((event) => event.type === "refused");
  if (refused !== undefined) throw new ControlError(400, refused.message, refused.code);
  return events;
}

/** Each kind once, without the levels of the book. */
function typesOf(events: readonly EngineEvent[]): readonly string[] {
  return [...new Set(events.map(({ type }) => type))].filter((type) => type !== "bookLevel");
}

function idsOf({ ports, fields }: Call): ProtocolTruth {
  const api = fields.text("api");
  const ids = ports.truthOf(api);
  if (ids === undefined) throw new ControlError(404, `the venue does not speak ${api}`);
  return ids;
}

function accountOf({ ports, fields, caller }: Call): string {
  const name = fields.text("key");
  const login = ports.accounts.login(
    name === undefined ? caller : (ports.accounts.named(name)?.apiKey ?? name),
    fields.text("subaccount"),
  );
  if ("refused" in login) throw new ControlError(404, `the key reaches no such account: ${login.refused}`);
  return login.accountId;
}

function requireMarket({ engine }: CommandPorts, fields: JsonFields): string {
  const name = fields.required("market");
  if (engine.market(name) !== undefined) return name;
  const known = engine
    .markets()
    .slice(0, 8)
    .map(({ spec }) => spec.market);
  throw new ControlError(404, `no market ${name}; there are ${known.join(", ")}`, "noSuchMarket");
}

function readBody({ body }: ServerRequest): Fields {
  let value: unknown;
  try {
    value = JSON.parse(body);
  } catch {
    throw new ControlError(400, "the body is not JSON");
  }
  if (!isObject(value)) throw new ControlError(400, "the body is not an object");
  return value;
}

function json(status: number, body: object): ServerResponse {
  return { status, headers: { "content-type": "application/json" }, body: JSON.stringify(body) };
}
