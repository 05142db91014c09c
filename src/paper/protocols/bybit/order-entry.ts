import type { Login } from "../accounts.ts";
import { isObject, textOf } from "../json-fields.ts";
import { checkTime } from "./auth.ts";
import type { BybitContext } from "./context.ts";
import { BAD_KEY, BybitError, invalidParameter } from "./errors.ts";
import { Parameters } from "./parameters.ts";
import { callPrivate, privateRouteOf } from "./routes.ts";
import type { WireObject } from "./wire.ts";

const PATHS: ReadonlyMap<string, string> = new Map([
  ["order.create", "/v5/order/create"],
  ["order.amend", "/v5/order/amend"],
  ["order.cancel", "/v5/order/cancel"],
  ["order.create-batch", "/v5/order/create-batch"],
  ["order.amend-batch", "/v5/order/amend-batch"],
  ["order.cancel-batch", "/v5/order/cancel-batch"],
]);
const RESTARTING = 10_019;
/** Request ids of a connection that are remembered. */
const MAX_REQUEST_IDS = 1_000;

type Message = Readonly<Record<string, unknown>>;

/** The commands of the `/v5/trade` socket: the REST routes in other envelopes. */
export class OrderEntry {
  readonly #context: BybitContext;
  readonly #connectionId: string;
  readonly #requestIds = new Set<string>();

  constructor(context: BybitContext, connectionId: string) {
    this.#context = context;
    this.#connectionId = connectionId;
  }

  answer(message: Message, login: Login | undefined): WireObject {
    try {
      if (login === undefined) throw new BybitError(BAD_KEY, "Request not authorized");
      if (this.#context.faults.isInMaintenance()) {
        throw new BybitError(RESTARTING, "ws trade service is restarting, do not accept new request");
      }
      this.#remember(reqIdOf(message));
      const { answer, headers } = this.#call(message, login);
      const { result, retExtInfo = {} } = answer;
      return this.#envelope(message, 0, "OK", { data: result, retExtInfo, header: this.#header(headers) });
    } catch (error) {
      if (!(error instanceof BybitError)) throw error;
      return this.refusal(message, error);
    }
  }

  refusal(message: Message, { retCode, message: text, headers }: BybitError): WireObject {
    return this.#envelope(message, retCode, text, { data: {}, retExtInfo: {}, header: this.#header(headers) });
  }

  #envelope(message: Message, retCode: number, retMsg: string, rest: WireObject): WireObject {
    const reqId = reqIdOf(message);
    return {
      ...(reqId === "" ? {} : { reqId }),
      retCode,
      retMsg,
      op: textOf(message.op),
      ...rest,
      connId: this.#connectionId,
    };
  }

  #call(message: Message, login: Login) {
    const route = privateRouteOf(PATHS.get(textOf(message.op)) ?? "");
    if (route === undefined) throw new BybitError(10_404, "op type is not found");
    const header = isObject(message.header) ? new Parameters(message.header) : new Parameters({});
    checkTime(header.required("X-BAPI-TIMESTAMP"), header.text("X-BAPI-RECV-WINDOW"), this.#context.now());
    const [body] = Array.isArray(message.args) ? message.args : [];
    if (!isObject(body)) throw invalidParameter("args");
    return callPrivate(this.#context, route, login, new Parameters(body));
  }

  #remember(reqId: string): void {
    if (reqId === "") return;
    if (this.#requestIds.has(reqId)) throw new BybitError(20_006, "Duplicated reqId");
    this.#requestIds.add(reqId);
    const [oldest] = this.#requestIds;
    if (this.#requestIds.size > MAX_REQUEST_IDS && oldest !== undefined) this.#requestIds.delete(oldest);
  }

  #header(limits: Readonly<Record<string, string>>): WireObject {
    return { ...limits, Traceid: "", Timenow: String(Math.floor(this.#context.now())) };
  }
}

function reqIdOf({ reqId }: Message): string {
  return typeof reqId === "string" ? reqId : "";
}
