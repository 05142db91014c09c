import { absolute, divideRound, larger, smaller } from "../../engine/arithmetic.ts";
import { type AccountView, type PositionView, UNIT } from "../../engine/types.ts";
import type { HyperliquidContext } from "./context.ts";
import { type Asset, USDC } from "./universe.ts";
import { averageOf, decimalText, hashOf, ratioText, type WireObject } from "./wire.ts";

/** State of an address that nobody has used. */
const NOTHING = { accountValue: 0n, notional: 0n, signed: 0n, used: 0n };

const signedValue = ({ size, mark }: PositionView): bigint => divideRound(size * mark, UNIT);

/** The equity of an isolated position, and the initial margin of a cross one. */
function marginUsed({ marginMode, isolatedMargin, unrealized, initialMargin }: PositionView): bigint {
  return marginMode === "isolated" ? isolatedMargin + unrealized : initialMargin;
}

function summaryOf(accountValue: bigint, positions: readonly PositionView[]): typeof NOTHING {
  let [notional, signed, used] = [0n, 0n, 0n];
  for (const position of positions) {
    notional += absolute(signedValue(position));
    signed += signedValue(position);
    used += marginUsed(position);
  }
  return { accountValue, notional, signed, used };
}

/** `totalRawUsd` is what would be left in cash if nothing were owed for the positions. */
function summaryObject({ accountValue, notional, signed, used }: typeof NOTHING): WireObject {
  return {
    accountValue: decimalText(accountValue),
    totalNtlPos: decimalText(notional),
    totalRawUsd: decimalText(accountValue - signed),
    totalMarginUsed: decimalText(used),
  };
}

export function clearinghouseState(context: HyperliquidContext, accountId: string | undefined): WireObject {
  const account = accountId === undefined ? undefined : context.engine.account(accountId);
  const open = account?.positions.filter(({ size }) => size !== 0n) ?? [];
  const cross = open.filter(({ marginMode }) => marginMode === "cross");
  const crossSummary = summaryOf(account?.crossEquity ?? 0n, cross);
  return {
    marginSummary: summaryObject(summaryOf(account?.equity ?? 0n, open)),
    crossMarginSummary: summaryObject(crossSummary),
    crossMaintenanceMarginUsed: decimalText(account?.crossMaintenanceMargin ?? 0n),
    withdrawable: decimalText(account === undefined ? 0n : withdrawable(account, crossSummary.notional)),
    assetPositions: open.map((position) => positionObject(context, accountId ?? "", position)),
    time: Math.floor(context.now()),
  };
}

/** Computes the free collateral, limited so that a tenth of the notional stays as margin. */
function withdrawable({ freeCollateral, crossEquity }: AccountView, notional: bigint): bigint {
  return larger(0n, smaller(freeCollateral, crossEquity - notional / 10n));
}

function positionObject(context: HyperliquidContext, accountId: string, position: PositionView): WireObject {
  const { market, size, cost, leverage, unrealized, marginMode, liquidationPrice } = position;
  const { coin, maxLeverage } = context.universe.ofMarket(market);
  const value = signedValue(position);
  const used = marginUsed(position);
  const funding = context.facts.funding(accountId, market);
  return {
    type: "oneWay",
    position: {
      coin,
      szi: decimalText(size),
      leverage: {
        ...{ type: marginMode, value: Number(leverage / UNIT) },
        ...(marginMode === "isolated" ? { rawUsd: decimalText(used - value) } : {}),
      },
      entryPx: decimalText(averageOf(cost, size)),
      positionValue: decimalText(absolute(value)),
      unrealizedPnl: decimalText(unrealized),
      returnOnEquity: ratioText(unrealized, divideRound(absolute(cost), leverage)),
      liquidationPx: liquidationPrice === null ? null : decimalText(liquidationPrice),
      marginUsed: decimalText(used),
      maxLeverage,
      cumFunding: {
        allTime: decimalText(funding.allTime),
        sinceOpen: decimalText(funding.sinceOpen),
        sinceChange: decimalText(funding.sinceChange),
      },
    },
  };
}

/** Leverage of a market, and the sizes that could be traded with it: to the long side, to the short one. */
export function activeAssetData(context: HyperliquidContext, accountId: string | undefined, asset: Asset) {
  const { engine, universe } = context;
  const settings = accountId === undefined ? undefined : engine.settings(accountId, asset.market);
  const { mark, spec } = universe.view(asset);
  const leverage = settings?.leverage ?? 10n * UNIT;
  const free = (accountId === undefined ? undefined : engine.account(accountId))?.freeCollateral ?? 0n;
  const position = accountId === undefined ? undefined : engine.positions(accountId, asset.market)[0];
  // An order against the position frees its margin first, and then takes it again.
  const freed = 2n * (position?.initialMargin ?? 0n);
  const size = position?.size ?? 0n;
  const available = [free + (size < 0n ? freed : 0n), free + (size > 0n ? freed : 0n)];
  return {
    coin: asset.coin,
    leverage: { type: settings?.marginMode ?? "cross", value: Number(leverage / UNIT) },
    maxTradeSzs: available.map((money) => {
      const most = mark === 0n ? 0n : (money * leverage) / mark;
      return decimalText(most - (most % spec.lot));
    }),
    availableToTrade: available.map(decimalText),
    markPx: decimalText(mark),
  };
}

export function spotState({ facts }: Pick<HyperliquidContext, "facts">, accountId: string | undefined): WireObject {
  const total = accountId === undefined ? 0n : facts.spot(accountId);
  const row = { coin: USDC, token: 0, total: decimalText(total), hold: "0.0", entryNtl: "0.0" };
  return { balances: total === 0n ? [] : [row] };
}

export function ledgerRows(
  { facts }: Pick<HyperliquidContext, "facts">,
  accountId: string | undefined,
): readonly (WireObject & { readonly time: number })[] {
  const updates = accountId === undefined ? [] : facts.updates(accountId);
  return updates.map(({ timeMs, delta }, index) => {
    const time = Math.floor(timeMs);
    return { time, hash: hashOf(time * 1_000 + (index % 1_000)), delta };
  });
}

export function feesObject({ config }: Pick<HyperliquidContext, "config">): WireObject {
  const [cross, add] = [decimalText(config.takerFee), decimalText(config.makerFee)];
  const spot = { spotCross: cross, spotAdd: add };
  return {
    dailyUserVlm: [],
    feeSchedule: {
      ...{ cross, add, ...spot },
      ...{ tiers: { vip: [], mm: [] }, referralDiscount: "0.0" },
      stakingDiscountTiers: [{ bpsOfMaxSupply: "0.0", discount: "0.0" }],
    },
    ...{ userCrossRate: cross, userAddRate: add, userSpotCrossRate: cross, userSpotAddRate: add },
    ...{ activeReferralDiscount: "0.0", trial: null, feeTrialEscrow: "0.0", nextTrialAvailableTimestamp: null },
    ...{ stakingLink: null, activeStakingDiscount: { bpsOfMaxSupply: "0.0", discount: "0.0" } },
  };
}
