import type { ProtocolName } from "../../../src/paper/index.ts";
import type { Exchange } from "./recorder.ts";

/** `ended by the client` after answers without an error; a refusal has the code of the protocol. */
export type Outcome = "served" | "ended by the client" | "not there" | "nothing sent" | `refused ${string}`;

// biome-ignore lint/suspicious/noExplicitAny: what the venue sent, of any protocol
type Wire = any;

/**
 * What became of a call, as the venue answered it: clients word the same refusal in many ways, and some take it for an
 * answer. Of several requests the worst counts, and of a batch that failed as a whole its first order.
 */
export function outcomeOf(api: ProtocolName, exchanges: readonly Exchange[]): Outcome {
  if (exchanges.length === 0) return "nothing sent";
  const outcomes = exchanges.map((exchange) => answered(api, exchange));
  return outcomes.find((outcome) => outcome !== "served") ?? "served";
}

function answered(api: ProtocolName, { status, body }: Exchange): Outcome {
  const answer = parsed(body);
  if (isPathUnknown(api, status, answer)) return "not there";
  const code = codeOf(api, status, answer);
  return code === undefined ? "served" : `refused ${code}`;
}

function parsed(body: string): Wire {
  try {
    return JSON.parse(body);
  } catch {
    return undefined;
  }
}

/** FTX says "Not Found" of a path, and of an order or a market which of them is not found; Gate.io has labels. */
function isPathUnknown(api: ProtocolName, status: number, answer: Wire): boolean {
  if (api === "gate_io") return answer?.label === "NOT_FOUND";
  return status === 404 && (api !== "ftx" || answer?.error === "Not Found");
}

function codeOf(api: ProtocolName, status: number, answer: Wire): string | undefined {
  switch (api) {
    case "ftx":
      return status === 200 ? undefined : String(status);
    case "bybit":
      return firstBad([answer?.retCode, ...(answer?.retExtInfo?.list ?? []).map(({ code }: Wire) => code)]);
    case "binance":
      return firstBad(Array.isArray(answer) ? answer.map((row) => below(row?.code)) : [below(answer?.code)]);
    case "okx":
      // A batch is refused with 1 or 2 as a whole, and each of its orders with a code of its own.
      return firstBad([...(answer?.data ?? []).map((row: Wire) => row?.sCode), answer?.code]);
    case "gate_io":
      return status < 300 ? firstBad(rowsOf(answer)) : String(answer?.label ?? status);
  }
}

/** Labels of refused rows of a batch. */
const rowsOf = (answer: Wire): readonly unknown[] =>
  Array.isArray(answer) ? answer.map((row) => (row?.succeeded === false ? (row.label ?? row.message) : undefined)) : [];

/** Binance's answer to a change of a setting has the code 200. */
const below = (code: unknown): unknown => (typeof code === "number" && code < 0 ? code : undefined);

const firstBad = (codes: readonly unknown[]): string | undefined =>
  codes.map((code) => String(code ?? "0")).find((code) => code !== "0");
