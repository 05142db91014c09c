import { markChanged, postCash } from "./accounts.ts";
import { divideRound } from "./arithmetic.ts";
import { isIsolated } from "./margin.ts";
import { samplePremium } from "./mark.ts";
import { positionsOn } from "./position.ts";
import type { EngineState, Market, Position } from "./records.ts";
import { microsOf } from "./state.ts";
import { UNIT } from "./types.ts";

/** Time-weighted premium over the interval by the divisor, rounded once, to 1e-8. */
function rateOf(state: EngineState, premiumSum: bigint, micros: bigint, premiumNow: bigint): bigint {
  const { fundingDivisor } = state.config;
  if (micros === 0n) return divideRound(premiumNow, fundingDivisor);
  return divideRound(premiumSum, micros * fundingDivisor);
}

/** The rate that the running interval would settle with if it ended now. */
export function predictedRate(state: EngineState, market: Market): bigint {
  const now = microsOf(state.nowMs);
  const premiumSum = market.premiumSum + market.premium * (now - market.sampledMicros);
  return rateOf(state, premiumSum, now - market.periodStartMicros, market.premium);
}

/** Settles every funding time up to now, the earliest first, whatever the market. */
export function settleDueFunding(state: EngineState): void {
  for (;;) {
    let due: Market | undefined;
    for (const market of state.markets.values()) {
      if (market.nextFundingMs > state.nowMs || market.status === "delisted") continue;
      if (due === undefined || market.nextFundingMs < due.nextFundingMs) due = market;
    }
    if (due === undefined) return;
    settle(state, due);
  }
}

/**
 * The whole payment is size times mark times rate; longs pay when the rate is positive. Each leg pays for itself. Each
 * payment is rounded to a unit; the residue takes what makes their sum zero.
 */
function settle(state: EngineState, market: Market): void {
  const timeMs = market.nextFundingMs;
  const endMicros = microsOf(timeMs);
  samplePremium(market, endMicros);
  const rate = rateOf(state, market.premiumSum, endMicros - market.periodStartMicros, market.premium);
  market.premiumSum = 0n;
  market.periodStartMicros = endMicros;
  market.nextFundingMs = timeMs + market.spec.fundingIntervalMs;
  const name = market.spec.market;
  market.fundingRates.push({ market: name, rate, timeMs });
  state.events.push({ type: "fundingSettled", rate: { market: name, rate, timeMs } });
  for (const account of [...state.accounts.values(), state.insurance]) {
    for (const position of positionsOn(account, market)) pay(state, position, rate, timeMs);
  }
}

function pay(state: EngineState, position: Position, rate: bigint, timeMs: number): void {
  const { account, market, side, size } = position;
  if (size === 0n) return;
  const amount = divideRound(-size * market.mark * rate, UNIT * UNIT);
  state.residue -= amount * UNIT;
  postCash(state, account, amount, "funding");
  if (account === state.insurance) return;
  if (isIsolated(position)) {
    position.isolatedMargin += amount;
    markChanged(state, position);
  }
  const payment = {
    paymentId: state.nextPaymentId++,
    accountId: account.id,
    market: market.spec.market,
    positionSide: side,
    size,
    mark: market.mark,
    amount,
    cash: account.cash,
    rate,
    timeMs,
  };
  if (account.retain) account.payments.push(payment);
  state.events.push({ type: "fundingPaid", payment });
}
