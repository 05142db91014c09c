import { type Decimal, ONE } from "../model/decimal.ts";
import type { TradingPair } from "../model/market.ts";
import type { PositionMode } from "../model/order.ts";
import type { PerpetualAccountOptions } from "./perpetual-account-options.ts";

interface ModeSetting {
  readonly mode: PositionMode;
  readonly timestampMs: number;
}

/** Leverages and position modes as last told, of markets and of the whole account. */
export class ToldSettings {
  readonly #options: Pick<PerpetualAccountOptions, "defaultLeverage" | "defaultPositionMode">;
  readonly #leverages = new Map<
    TradingPair | undefined,
    { readonly leverage: Decimal; readonly timestampMs: number }
  >();
  /** Position modes by market, and under `undefined` that of the whole account. */
  readonly #positionModes = new Map<TradingPair | undefined, ModeSetting>();

  constructor(options: Pick<PerpetualAccountOptions, "defaultLeverage" | "defaultPositionMode">) {
    this.#options = options;
  }

  leverage(tradingPair: TradingPair): Decimal {
    const setting = this.#leverages.get(tradingPair) ?? this.#leverages.get(undefined);
    return setting?.leverage ?? this.#options.defaultLeverage ?? ONE;
  }

  /** Position mode of the whole account. */
  get positionMode(): PositionMode {
    return this.#positionModes.get(undefined)?.mode ?? this.#options.defaultPositionMode ?? "oneWay";
  }

  /** Position mode of one market, on venues where each has its own; else that of the account. */
  positionModeOf(tradingPair: TradingPair): PositionMode {
    return this.#positionModes.get(tradingPair)?.mode ?? this.positionMode;
  }

  /** Returns whether the leverage is news; undefined where a later one is known. */
  applyLeverage(tradingPair: TradingPair | undefined, leverage: Decimal, timestampMs: number): boolean | undefined {
    const known = this.#leverages.get(tradingPair);
    if (known !== undefined && timestampMs < known.timestampMs) return undefined;
    this.#leverages.set(tradingPair, { leverage, timestampMs });
    return known?.leverage.eq(leverage) !== true;
  }

  /** Returns, where the mode is another than before, which markets have it now. */
  applyMode(
    mode: PositionMode,
    tradingPair: TradingPair | undefined,
    atMs: number,
  ): ((tradingPair: TradingPair) => boolean) | undefined {
    const known = this.#positionModes.get(tradingPair);
    if (known !== undefined && atMs < known.timestampMs) return undefined;
    const before = tradingPair === undefined ? this.positionMode : this.positionModeOf(tradingPair);
    this.#positionModes.set(tradingPair, { mode, timestampMs: atMs });
    if (mode === before) return undefined;
    return (pair) => (tradingPair === undefined ? !this.#positionModes.has(pair) : pair === tradingPair);
  }
}
