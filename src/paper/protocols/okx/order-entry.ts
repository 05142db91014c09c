import type { Login } from "../accounts.ts";
import type { OkxContext } from "./context.ts";
import { OkxError, serviceUnavailable } from "./errors.ts";
import { instIdOfCode } from "./instruments.ts";
import { Parameters } from "./parameters.ts";
import { callPrivate, passageTimes, privateRouteOf, refuseExpired } from "./routes.ts";
import type { WireObject } from "./wire.ts";

type Message = Readonly<Record<string, unknown>>;

interface Operation {
  readonly path: string;
  readonly isBatch: boolean;
}

const operation = (name: string, isBatch = false): Operation => ({ path: `/api/v5/trade/${name}`, isBatch });

const OPERATIONS: ReadonlyMap<string, Operation> = new Map([
  ["order", operation("order")],
  ["batch-orders", operation("batch-orders", true)],
  ["cancel-order", operation("cancel-order")],
  ["batch-cancel-orders", operation("cancel-batch-orders", true)],
  ["amend-order", operation("amend-order")],
  ["batch-amend-orders", operation("amend-batch-orders", true)],
]);

export function isOrderOperation(op: string): boolean {
  return OPERATIONS.has(op);
}

/** Orders of sockets name their instrument by its code alone since 2026-04-07; `instId` is not looked at. */
function byCode({ engine }: OkxContext, parameters: Parameters): Parameters {
  return parameters.with("instId", instIdOfCode(engine, parameters));
}

function idOf({ id }: Message): string {
  return typeof id === "string" || typeof id === "number" ? String(id) : "";
}

export function refuseOperation(context: OkxContext, message: Message, error: OkxError): WireObject {
  const envelope = { id: idOf(message), op: String(message.op), ...passageTimes(context) };
  return { ...envelope, code: error.code, msg: error.message, data: [] };
}

/**
 * The REST routes in another envelope; they share their limits (docs v5, WebSocket order placement). Where rows are
 * refused, the envelope has a code but no text of its own.
 */
export function answerOperation(context: OkxContext, message: Message, login: Login | undefined): WireObject {
  const op = String(message.op);
  const envelope = { id: idOf(message), op, ...passageTimes(context) };
  try {
    if (login === undefined) throw new OkxError("60011", "Please log in");
    if (context.faults.isInMaintenance()) throw serviceUnavailable();
    const found = OPERATIONS.get(op);
    const route = found === undefined ? undefined : privateRouteOf(found.path);
    if (found === undefined || route === undefined) throw new OkxError("60019", `Invalid op: ${op}`);
    const { args } = message;
    if (!Array.isArray(args) || args.length === 0) throw new OkxError("60013", "Invalid args");
    const rows = found.isBatch ? args : args.slice(0, 1);
    const named = rows.map((row) => byCode(context, Parameters.ofValue(row)));
    const [first = new Parameters({})] = named;
    const parameters = found.isBatch ? new Parameters({}, named) : first;
    refuseExpired(message.expTime, context.now());
    const { code = "0", data } = callPrivate(context, route, { context, parameters, login }, context.now());
    return { ...envelope, code, msg: "", data };
  } catch (error) {
    if (!(error instanceof OkxError)) throw error;
    return refuseOperation(context, message, error);
  }
}
