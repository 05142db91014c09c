import { PerpwireError } from "../model/error.ts";
import type { ServerRequest, ServerResponse } from "../runtime/runtime.ts";
import { answerCommand, type CommandPorts, unknownField } from "./control-commands.ts";
import { formatAmount } from "./engine/amount.ts";
import { type Engine, type PositionSide, SCALE_DIGITS } from "./engine/types.ts";
import type { FaultPolicy } from "./fault-policy.ts";
import type { ProtocolTruth, WireId } from "./protocols/paper-protocol.ts";
import { splitTarget } from "./protocols/request-target.ts";
import { validateFaults } from "./read-faults.ts";

/**
 * True record of an account, as exact decimal text. Ids are those of the wire, markets have the engine's names
 * (`BTC-USD`), times are epoch milliseconds.
 */
export interface PaperTruth {
  readonly accountId: string;
  readonly timeMs: number;
  /** Cash without unrealised profit. */
  readonly cash: string;
  readonly equity: string;
  readonly orders: readonly TruthOrder[];
  readonly fills: readonly TruthFill[];
  readonly positions: readonly TruthPosition[];
  readonly fundingPayments: readonly TruthFundingPayment[];
}

export interface TruthOrder {
  readonly orderId: WireId;
  readonly clientId: string | null;
  readonly market: string;
  readonly side: "buy" | "sell";
  readonly type: "limit" | "market";
  readonly price: string | null;
  readonly size: string;
  readonly filled: string;
  /** Sum of price times size over the fills. */
  readonly filledCost: string;
  readonly status: "new" | "open" | "closed";
  /** Reason why it closed: the engine's reason, or its refusal; null while it has not. */
  readonly reason: string | null;
}

export interface TruthFill {
  readonly fillId: WireId;
  readonly tradeId: WireId;
  readonly orderId: WireId;
  readonly clientId: string | null;
  readonly market: string;
  readonly side: "buy" | "sell";
  /** The leg that it traded into; `both` in one-way mode. */
  readonly positionSide: PositionSide;
  readonly price: string;
  readonly size: string;
  readonly fee: string;
  readonly isMaker: boolean;
  readonly timeMs: number;
}

export interface TruthPosition {
  readonly market: string;
  /** The leg; `both` in one-way mode. */
  readonly side: PositionSide;
  /** A short is negative. */
  readonly size: string;
  /** Signed sum of price times size of what is open. */
  readonly cost: string;
  readonly realized: string;
}

export interface TruthFundingPayment {
  readonly paymentId: WireId;
  readonly market: string;
  /** Positive is received. */
  readonly amount: string;
  readonly rate: string;
  readonly timeMs: number;
}

export interface ControlPorts extends CommandPorts {
  readonly faults: FaultPolicy;
  now(): number;
}

const JSON_TYPE = { "content-type": "application/json" };

/**
 * The venue's own control API, which is no part of any protocol; no fault touches it. Each call has the header `paper-key` with an
 * API key of the venue, or what a protocol calls it, such as an address on Hyperliquid.
 *
 * - `GET /paper/truth?key=<apiKey>&subaccount=<name>&api=<protocol>`: `PaperTruth` of the key's account (that of
 *   `paper-key` by default), in the ids of a protocol (the venue's first by default)
 * - `GET /paper/clock`: `{ "timeMs": <the venue's time> }`
 * - `GET /paper/faults`: the faults that are on, a `FaultConfig`
 * - `POST /paper/faults`: replaces them by the `FaultConfig` in the body and returns it
 *
 * - what `answerCommand` does: prices, matching, settings, orders, money, liquidation, auto-deleveraging
 *
 * A failure is `{ "error": <text> }` with status 400, 401 or 404.
 */
export function answerControl(request: ServerRequest, ports: ControlPorts): ServerResponse {
  const { path, query } = splitTarget(request.target);
  const key = request.headers["paper-key"];
  const caller = key === undefined ? undefined : ports.accounts.named(key)?.apiKey;
  if (caller === undefined) return json(401, { error: "the header paper-key must hold an API key of this venue" });
  switch (`${request.method.toUpperCase()} ${path}`) {
    case "GET /paper/truth":
      return answerTruth(ports, caller, new URLSearchParams(query));
    case "GET /paper/clock":
      return json(200, { timeMs: ports.now() });
    case "GET /paper/faults":
      return json(200, ports.faults.config);
    case "POST /paper/faults":
      return setFaults(ports, request.body);
    default: {
      const answer = answerCommand(request, ports, caller);
      return answer ?? json(404, { error: `no ${request.method} ${path} here` });
    }
  }
}

function answerTruth(ports: ControlPorts, caller: string, query: URLSearchParams): ServerResponse {
  const unknown = unknownField(query.keys(), ["key", "subaccount", "api"]);
  if (unknown !== undefined) return json(400, { error: unknown });
  const name = query.get("key");
  const login = ports.accounts.login(
    name === null ? caller : (ports.accounts.named(name)?.apiKey ?? name),
    query.get("subaccount") ?? undefined,
  );
  if ("refused" in login) return json(404, { error: `the key reaches no such account: ${login.refused}` });
  const ids = ports.truthOf(query.get("api") ?? undefined);
  if (ids === undefined) return json(404, { error: `the venue does not speak ${query.get("api")}` });
  const truth = paperTruth(ports, ids, login.accountId);
  return truth === undefined ? json(404, { error: `no account ${login.accountId}` }) : json(200, truth);
}

function setFaults({ faults }: ControlPorts, body: string): ServerResponse {
  try {
    faults.set(validateFaults(JSON.parse(body)));
  } catch (error) {
    if (error instanceof PerpwireError) return json(400, { error: error.message, hint: error.hint });
    if (error instanceof SyntaxError) return json(400, { error: "the body is not JSON" });
    throw error;
  }
  return json(200, faults.config);
}

/** The truth about an account; undefined when there is none of that name. */
export function paperTruth(
  ports: Pick<ControlPorts, "engine" | "now">,
  ids: ProtocolTruth,
  accountId: string,
): PaperTruth | undefined {
  const { engine } = ports;
  const account = engine.account(accountId);
  if (account === undefined) return undefined;
  return {
    accountId,
    timeMs: ports.now(),
    cash: formatAmount(account.cash),
    equity: formatAmount(account.equity),
    orders: truthOrders(ids, accountId),
    fills: truthFills(engine, ids, accountId),
    positions: account.positions.map(({ market, side, size, cost, realized }) => ({
      market,
      side,
      size: formatAmount(size),
      cost: formatProduct(cost),
      realized: formatAmount(realized),
    })),
    fundingPayments: engine.fundingPayments(accountId).map((payment) => ({
      paymentId: ids.paymentId(payment),
      market: payment.market,
      amount: formatAmount(payment.amount),
      rate: formatAmount(payment.rate),
      timeMs: payment.timeMs,
    })),
  };
}

function truthOrders(ids: ProtocolTruth, accountId: string): readonly TruthOrder[] {
  return ids.orders(accountId).map(({ orderId, request, view, refusedFor }) => ({
    orderId,
    clientId: request.clientId,
    market: request.market,
    side: request.side,
    type: request.type,
    price: priceText(view === null ? request.price : view.price),
    size: formatAmount(view?.size ?? request.size),
    filled: formatAmount(view?.filled ?? 0n),
    filledCost: formatProduct(view?.filledCost ?? 0n),
    status: refusedFor === null ? (view?.status ?? "new") : "closed",
    reason: refusedFor ?? view?.closeReason ?? null,
  }));
}

function priceText(price: bigint | null): string | null {
  return price === null ? null : formatAmount(price);
}

function truthFills(engine: Engine, ids: ProtocolTruth, accountId: string): readonly TruthFill[] {
  return engine.fills(accountId).map((fill) => ({
    fillId: ids.fillId(fill),
    tradeId: ids.tradeId(fill),
    orderId: ids.orderId(fill.orderId),
    clientId: fill.clientId,
    market: fill.market,
    side: fill.side,
    positionSide: fill.positionSide,
    price: formatAmount(fill.price),
    size: formatAmount(fill.size),
    fee: formatAmount(fill.fee),
    isMaker: fill.isMaker,
    timeMs: fill.timeMs,
  }));
}

/** A product of two amounts, which is exact at 1e-16. */
function formatProduct(product: bigint): string {
  const digits = (product < 0n ? -product : product).toString().padStart(2 * SCALE_DIGITS + 1, "0");
  const fraction = digits.slice(-2 * SCALE_DIGITS).replace(/0+$/, "");
  const whole = digits.slice(0, -2 * SCALE_DIGITS);
  return `${product < 0n ? "-" : ""}${whole}${fraction === "" ? "" : `.${fraction}`}`;
}

function json(status: number, body: object): ServerResponse {
  return { status, headers: JSON_TYPE, body: JSON.stringify(body) };
}
