import { formatAmount } from "../../engine/amount.ts";
import { createRoute, type GateContext, type PrivateCall, privateRoute, type Route } from "./context.ts";
import { contractOf, marketOf, requireListed, type SizeForm, sizeValue } from "./contracts.ts";
import { invalidParameter, missingParameter } from "./errors.ts";
import { place, readWish } from "./order-commands.ts";
import { wantedMarket } from "./order-lists.ts";
import { Parameters, pageOf, readPage } from "./parameters.ts";
import type { PriceOrder, TriggerPrice } from "./price-orders.ts";
import { CANCEL_LIMIT, ORDER_LIMIT, PRIVATE_LIMIT } from "./rate-limit.ts";
import { type WireObject, type WireValue, wholeSeconds } from "./wire.ts";

const PRICES: readonly TriggerPrice[] = ["last", "mark", "index"];
const DEFAULT_EXPIRATION_SECONDS = 86_400 * 30;
/** Names of the order that the trigger makes. */
const INITIAL = ["contract", "size", "price", "tif", "text", "auto_size"] as const;
const FLAGS = ["close", "reduce_only"] as const;
const RISE = 1;
const FALL = 2;

/** Reads the order as it is shown again, and read once more when its price has come. */
function readInitial(parameters: Parameters): Readonly<Record<string, string | boolean>> {
  const entries = INITIAL.map((name) => [name, parameters.text(name)] as const);
  const flags = FLAGS.map((name) => [name, parameters.flag(name)] as const);
  const size = parameters.text("size") ?? parameters.text("amount") ?? "0";
  const texts = entries.filter((entry): entry is readonly [(typeof INITIAL)[number], string] => entry[1] !== undefined);
  return { ...Object.fromEntries(texts), ...Object.fromEntries(flags), size };
}

function create(call: PrivateCall): WireValue {
  const { context, parameters, login } = call;
  const initial = readInitial(parameters.object("initial"));
  const trigger = parameters.object("trigger");
  if ((trigger.integer("strategy_type") ?? 0) !== 0) throw invalidParameter("strategy_type");
  const kind = PRICES[trigger.integer("price_type") ?? 0];
  if (kind === undefined) throw invalidParameter("price_type");
  const rule = trigger.integer("rule");
  if (rule === undefined) throw missingParameter("rule");
  if (rule !== RISE && rule !== FALL) throw invalidParameter("rule");
  const price = trigger.amount("price");
  if (price === undefined) throw missingParameter("price");
  const market = requireListed(context.engine, String(initial.contract ?? ""));
  if (price <= 0n || price % market.spec.tick !== 0n) throw invalidParameter("price");
  const seconds = trigger.integer("expiration") ?? DEFAULT_EXPIRATION_SECONDS;
  if (seconds < 0) throw invalidParameter("expiration");
  checkInitial(call, initial);
  const { id } = context.priceOrders.place(
    {
      accountId: login.accountId,
      market: market.spec.market,
      price,
      priceOf: kind,
      waitsForRise: rule === RISE,
      expiresMs: context.now() + (seconds === 0 ? DEFAULT_EXPIRATION_SECONDS : seconds) * 1_000,
      initial: { ...initial, size: wholeSize(initial, call.form) },
      trigger: {
        strategy_type: 0,
        price_type: PRICES.indexOf(kind),
        price: formatAmount(price),
        rule,
        expiration: seconds,
      },
      orderType: parameters.text("order_type") ?? "",
    },
    market,
  );
  return { id, id_string: String(id) };
}

/** Sizes are remembered as whole contracts. */
function wholeSize(initial: Readonly<Record<string, string | boolean>>, form: SizeForm): string {
  const text = String(initial.size);
  return form === "whole" ? (text.split(".")[0] ?? text) : text;
}

/** Refuses at once what is wrong with the order itself; a position that is to be closed may be there later. */
function checkInitial(call: PrivateCall, initial: Readonly<Record<string, string | boolean>>): void {
  const isClosing = initial.close === true || initial.auto_size !== undefined;
  if (isClosing) return;
  readWish({ ...call, parameters: new Parameters(initial) });
}

/** Makes the order whose price has come. */
export function placeTriggered(context: GateContext, order: PriceOrder): Promise<number> {
  const { accountId } = order;
  const login = { apiKey: "", accountId, identifier: context.accounts.identifier(accountId), username: accountId };
  const parameters = new Parameters(order.initial);
  return context.submit(() => {
    const wish = readWish({ context, login, parameters, form: "whole", isSocket: false });
    return place(context, wish).orderId;
  });
}

export function priceOrderObject(context: GateContext, order: PriceOrder, form: SizeForm): WireObject {
  const market = marketOf(context.engine, order.market);
  const size = BigInt(String(order.initial.size).split(".")[0] ?? "0") * market.spec.lot;
  const { id, end, orderId, reason, accountId } = order;
  const status = end === null ? "open" : "finished";
  return {
    id,
    id_string: String(id),
    user: context.accounts.identifier(accountId),
    initial: { ...order.initial, contract: contractOf(market), size: sizeValue(size, market, form) },
    trigger: order.trigger,
    order_type: order.orderType,
    create_time: wholeSeconds(order.createdMs),
    finish_time: end === null ? 0 : wholeSeconds(order.endedMs),
    status,
    finish_as: end ?? "",
    trade_id: orderId === null ? 0 : context.ids.orderNumber(orderId),
    reason,
    is_stop_order: false,
  };
}

const one = ({ context, form }: PrivateCall, order: PriceOrder): WireObject => priceOrderObject(context, order, form);

function list(call: PrivateCall): WireValue {
  const { context, parameters, login } = call;
  const status = parameters.oneOf("status", ["open", "finished"]);
  if (status === undefined) throw missingParameter("status");
  const market = wantedMarket(call);
  const rows = context.priceOrders
    .all(login.accountId)
    .filter((order) => (order.end === null) === (status === "open") && (market ?? order.market) === order.market);
  return pageOf(rows, readPage(parameters)).map((order) => one(call, order));
}

function cancelMany(call: PrivateCall): WireValue {
  const { context, login } = call;
  const market = wantedMarket(call);
  return context.priceOrders
    .all(login.accountId)
    .filter((order) => order.end === null && (market ?? order.market) === order.market)
    .map((order) => one(call, context.priceOrders.cancel(login.accountId, String(order.id))));
}

export const priceOrderRoutes: readonly Route[] = [
  createRoute("/api/v4/futures/usdt/price_orders", ORDER_LIMIT, create),
  privateRoute("GET", "/api/v4/futures/usdt/price_orders", PRIVATE_LIMIT, list),
  privateRoute("DELETE", "/api/v4/futures/usdt/price_orders", CANCEL_LIMIT, cancelMany),
  privateRoute("GET", "/api/v4/futures/usdt/price_orders/{}", PRIVATE_LIMIT, (call) =>
    one(call, call.context.priceOrders.find(call.login.accountId, call.name)),
  ),
  privateRoute("DELETE", "/api/v4/futures/usdt/price_orders/{}", CANCEL_LIMIT, (call) =>
    one(call, call.context.priceOrders.cancel(call.login.accountId, call.name)),
  ),
];
