import { z } from "zod";
import type { TradeFee } from "../../model/fee.ts";
import { type FillSource, optionalWireCoin, optionalWireDecimal, toldFee } from "../../net/wire.ts";
import { read } from "./web-utils.ts";

const wireFee = z.object({
  /** Fee of the fill, on an order's row. */
  fillFee: optionalWireDecimal,
  fillFeeCcy: optionalWireCoin,
  /** Fee of the fill on a row of the lists of fills, but sum of all fills on an order's row. */
  fee: optionalWireDecimal,
  feeCcy: optionalWireCoin,
});

/** Fees are negative where they are charged and positive where they are a rebate (docs, fills). */
export function feeOf(payload: unknown, source: FillSource): TradeFee {
  const row = read("a fee", wireFee, payload);
  const [fee, token] = source === "push" ? [row.fillFee, row.fillFeeCcy] : [row.fee, row.feeCcy];
  return toldFee(token, fee?.neg());
}
