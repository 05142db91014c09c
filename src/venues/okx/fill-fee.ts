import { z } from "zod";
import { flatFee, NO_FEE, type TradeFee } from "../../model/fee.ts";
import { optionalWireCoin, optionalWireDecimal } from "../../net/wire.ts";
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
export function feeOf(payload: unknown): TradeFee {
  const row = read("a fee", wireFee, payload);
  const [fee, token] = [row.fillFee ?? row.fee, row.fillFeeCcy ?? row.feeCcy];
  return fee === undefined || token == null ? NO_FEE : flatFee(token, fee.neg());
}
