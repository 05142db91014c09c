import { z } from "zod";
import { decimal } from "../model/decimal.ts";
import { ProtocolError, VenueUnavailableError } from "../model/error.ts";
import type { Runtime } from "../runtime/runtime.ts";
import type { FaultConfig } from "./faults.ts";
import { validateFaults } from "./read-faults.ts";

const amount = z.string().transform((text) => decimal(text));
const id = z.union([z.number(), z.string()]).transform(String);
const side = z.enum(["buy", "sell"]);
const positionSide = z.enum(["both", "long", "short"]);

const truthOrder = z.object({
  orderId: id,
  clientId: z.string().nullable(),
  market: z.string(),
  side,
  price: amount.nullable(),
  size: amount,
  filled: amount,
  filledCost: amount,
  status: z.enum(["new", "open", "closed"]),
  reason: z.string().nullable(),
});
const truthFill = z.object({
  fillId: id,
  orderId: id,
  clientId: z.string().nullable(),
  market: z.string(),
  side,
  positionSide,
  price: amount,
  size: amount,
  fee: amount,
  isMaker: z.boolean(),
});
const truthPosition = z.object({ market: z.string(), side: positionSide, size: amount, cost: amount });
const truthFundingPayment = z.object({ paymentId: id, market: z.string(), amount, rate: amount });
const truth = z.object({
  cash: amount,
  equity: amount,
  orders: z.array(truthOrder),
  fills: z.array(truthFill),
  positions: z.array(truthPosition),
  fundingPayments: z.array(truthFundingPayment),
});

/** The record of the account that the control key belongs to, with amounts as numbers and ids as text. */
export type ControlTruth = Readonly<z.infer<typeof truth>>;

const TIMEOUT_MS = 10_000;

/** Client of the paper venue's control API, which no fault touches. */
export class PaperControl {
  readonly #http: Runtime["http"];
  readonly #url: string;
  readonly #apiKey: string;

  constructor(http: Runtime["http"], url: string, apiKey: string) {
    this.#http = http;
    this.#url = url;
    this.#apiKey = apiKey;
  }

  async truth(): Promise<ControlTruth> {
    const parsed = truth.safeParse(await this.#request("GET", "truth"));
    if (parsed.success) return parsed.data;
    throw new ProtocolError(`the paper venue's truth cannot be read: ${parsed.error.issues[0]?.message ?? "unknown"}`);
  }

  /** Faults that are set at present. */
  async faults(): Promise<FaultConfig> {
    return validateFaults(await this.#request("GET", "faults"));
  }

  async setFaults(faults: FaultConfig): Promise<void> {
    await this.#request("POST", "faults", JSON.stringify(faults));
  }

  async #request(method: string, path: string, body?: string): Promise<unknown> {
    const { status, text } = await this.#http.request({
      method,
      url: `${this.#url}/${path}`,
      headers: { "paper-key": this.#apiKey, ...(body === undefined ? {} : { "content-type": "application/json" }) },
      body,
      timeoutMs: TIMEOUT_MS,
    });
    if (status !== 200) throw new VenueUnavailableError(`the paper venue's control API answered ${status}: ${text}`);
    return JSON.parse(text);
  }
}
