import { formatAmount } from "../../engine/amount.ts";
import type { Engine, MarketView } from "../../engine/types.ts";
import { COIN, symbolOf } from "./market-names.ts";
import type { WireObject } from "./wire.ts";

/**
 * Thresholds of the auto-deleveraging by a market's drawdown, those of the documented example. Nothing is reduced for it
 * here, and the drawdown is told as zero.
 */
const DRAWDOWN = { ratio: -0.3, leastBalance: 10_000, stopRatio: -0.25 };

/** Cash and, at mark, what was taken over from liquidated accounts: below zero others are deleveraged. */
function worthOf(engine: Engine): string {
  const { insurance, insurancePositions } = engine.house();
  return formatAmount(insurancePositions.reduce((sum, { unrealized }) => sum + unrealized, insurance));
}

/** Rows of the `adlAlert` topic, one a market: the fund is one. `mb` is empty always by now (docs v5, ADL alert). */
export function alertFrameRows(engine: Engine): readonly WireObject[] {
  const { ratio: i_pr, leastBalance: adl_tt, stopRatio: adl_sr } = DRAWDOWN;
  const common = { b: Number(worthOf(engine)), mb: "", i_pr, pr: 0, adl_tt, adl_sr };
  return engine.markets().map((market) => ({ c: COIN, s: symbolOf(market), ...common }));
}

/** Rows of `market/insurance`, as text. */
export function alertObjects(engine: Engine, markets: readonly MarketView[]): readonly WireObject[] {
  const balance = worthOf(engine);
  return markets.map((market) => ({
    coin: COIN,
    symbol: symbolOf(market),
    balance,
    maxBalance: "",
    insurancePnlRatio: String(DRAWDOWN.ratio),
    pnlRatio: "0",
    adlTriggerThreshold: String(DRAWDOWN.leastBalance),
    adlStopRatio: String(DRAWDOWN.stopRatio),
  }));
}

export function insuranceObject(engine: Engine): WireObject {
  const balance = worthOf(engine);
  return { coin: COIN, symbols: engine.markets().map(symbolOf).join(","), balance, value: balance };
}
