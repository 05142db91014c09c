import type { PerpetualConnector } from "../../connector/perpetual-connector.ts";
import { PerpwireError } from "../../model/error.ts";
import { InFlightOrder } from "../../trading/in-flight-order.ts";
import { plain } from "./plain.ts";
import type { WriteFact } from "./recorded-runtime.ts";

const CALLS = [
  "buy",
  "sell",
  "batchOrderCreate",
  "batchOrderCancel",
  "amend",
  "cancel",
  "cancelAll",
  "cancelAtVenue",
  "flatten",
  "refresh",
  "setLeverage",
  "setPositionMode",
  "stop",
] as const;

type Call = (...parameters: readonly unknown[]) => unknown;

/** Writes down what a program asks a connector to do, and what it gets for it. */
export function recordCalls(
  connector: PerpetualConnector,
  write: WriteFact,
  onDone: (call: (typeof CALLS)[number]) => void,
): void {
  for (const name of CALLS) {
    const call = (connector[name] as Call).bind(connector);
    const recorded: Call = (...parameters) => {
      let result: unknown;
      try {
        result = call(...parameters);
      } catch (error) {
        write({ kind: "asked", call: name, step: "refused", with: plain(parameters), code: codeOf(error) });
        throw error;
      }
      write({ kind: "asked", call: name, step: "called", with: plain(parameters), ...withOrders(result) });
      if (result instanceof Promise) {
        result.then(
          (value: unknown) => {
            write({ kind: "asked", call: name, step: "done", ...withOrders(value) });
            onDone(name);
          },
          (error: unknown) => write({ kind: "asked", call: name, step: "refused", code: codeOf(error) }),
        );
      }
      return result;
    };
    Object.defineProperty(connector, name, { value: recorded, configurable: true });
  }
}

/** Ids of the orders that a call made: an order, a list of them, or a report of `flatten`. */
function withOrders(result: unknown): { readonly orders?: readonly string[] } {
  const made =
    typeof result === "object" && result !== null && "closingOrders" in result ? result.closingOrders : result;
  const orders = (Array.isArray(made) ? made : [made]).filter((order) => order instanceof InFlightOrder);
  return orders.length === 0 ? {} : { orders: orders.map(({ clientOrderId }) => clientOrderId) };
}

function codeOf(error: unknown): string {
  return error instanceof PerpwireError ? error.code : String(error);
}
