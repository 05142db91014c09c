import { isObject } from "../json-fields.ts";
import { isGrouping } from "./books.ts";
import { intervalOf } from "./market-objects.ts";
import type { Asset, Universe } from "./universe.ts";
import type { WireObject } from "./wire.ts";

export type MarketChannel = "l2Book" | "bbo" | "trades" | "candle" | "allMids" | "activeAssetCtx";
export type UserChannel =
  | "orderUpdates"
  | "userEvents"
  | "userFills"
  | "userFundings"
  | "userNonFundingLedgerUpdates"
  | "clearinghouseState"
  | "openOrders"
  | "activeAssetData"
  | "notification";

interface Common {
  /** Subscription as the venue tells it again, with the fields that the client left out. */
  readonly echo: WireObject;
  readonly key: string;
  readonly asset: Asset | undefined;
}

export interface MarketSubscription extends Common {
  readonly access: "public";
  readonly type: MarketChannel;
  readonly interval: string;
  readonly nSigFigs: number | null;
  readonly mantissa: number | null;
  readonly isFast: boolean;
}

export interface UserSubscription extends Common {
  readonly access: "user";
  readonly type: UserChannel;
  /** Lower case. */
  readonly user: string;
  readonly isAggregated: boolean;
}

export type Subscription = MarketSubscription | UserSubscription;

/** Channel and market as the frames name them: events of a user come on a channel of another name. */
export function placeOf({ access, type, asset }: Subscription): readonly [channel: string, market: string | null] {
  if (access === "public") return [type, asset?.coin ?? null];
  return [type === "userEvents" ? "user" : type, null];
}

const ADDRESS = /^0x[0-9a-fA-F]{40}$/;
const MARKET_CHANNELS: readonly MarketChannel[] = ["l2Book", "bbo", "trades", "candle", "allMids", "activeAssetCtx"];
const USER_CHANNELS: readonly UserChannel[] = [
  ...(["orderUpdates", "userEvents", "userFills", "userFundings", "userNonFundingLedgerUpdates"] as const),
  ...(["clearinghouseState", "openOrders", "activeAssetData", "notification"] as const),
];

/** Undefined for what the venue calls an invalid subscription. */
export function readSubscription(universe: Universe, given: unknown): Subscription | undefined {
  if (!isObject(given)) return undefined;
  const market = MARKET_CHANNELS.find((type) => type === given.type);
  if (market !== undefined) return marketSubscription(universe, market, given);
  const user = USER_CHANNELS.find((type) => type === given.type);
  return user === undefined ? undefined : userSubscription(universe, user, given);
}

type Given = Readonly<Record<string, unknown>>;

const numberOrNull = (value: unknown): number | null => (typeof value === "number" ? value : null);

function marketSubscription(universe: Universe, type: MarketChannel, given: Given): MarketSubscription | undefined {
  const { coin, interval, dex } = given;
  if (dex !== undefined && dex !== null && dex !== "") return undefined;
  const plain = { access: "public", type, interval: "", nSigFigs: null, mantissa: null, isFast: false } as const;
  if (type === "allMids") return { ...plain, asset: undefined, ...named({ type }) };
  const asset = typeof coin === "string" ? universe.ofCoin(coin) : undefined;
  if (asset === undefined) return undefined;
  if (type === "candle") {
    if (typeof interval !== "string" || intervalOf(interval) === undefined) return undefined;
    return { ...plain, interval, asset, ...named({ type, coin: asset.coin, interval }) };
  }
  if (type !== "l2Book") return { ...plain, asset, ...named({ type, coin: asset.coin }) };
  const grouping = { nSigFigs: numberOrNull(given.nSigFigs), mantissa: numberOrNull(given.mantissa) };
  if (!isGrouping(grouping)) return undefined;
  const isFast = given.fast === true;
  const echo = { type, coin: asset.coin, ...grouping, ...(isFast ? { fast: true } : {}) };
  return { ...plain, ...grouping, isFast, asset, ...named(echo) };
}

function userSubscription(universe: Universe, type: UserChannel, given: Given): UserSubscription | undefined {
  const { coin, dex } = given;
  if (typeof given.user !== "string" || !ADDRESS.test(given.user)) return undefined;
  if (dex !== undefined && dex !== null && dex !== "") return undefined;
  const user = given.user.toLowerCase();
  const isAggregated = given.aggregateByTime === true;
  const asset = type === "activeAssetData" && typeof coin === "string" ? universe.ofCoin(coin) : undefined;
  if (type === "activeAssetData" && asset === undefined) return undefined;
  const echo = {
    ...{ type, user },
    ...(type === "userFills" ? { aggregateByTime: isAggregated } : {}),
    ...(asset === undefined ? {} : { coin: asset.coin }),
    ...(typeof dex === "string" ? { dex } : {}),
  };
  return { access: "user", type, user, isAggregated, asset, ...named(echo) };
}

function named(echo: WireObject): Pick<Common, "echo" | "key"> {
  return { echo, key: JSON.stringify(echo) };
}
