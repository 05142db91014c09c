import { ConfigError } from "../model/error.ts";
import type { OrderState } from "../model/order.ts";
import type { ProtocolName } from "../paper/protocols/protocol-names.ts";
import type { VenueFundingTruth, VenueOrderTruth, VenueTruth } from "./venue-truth.ts";

/** Connector of a venue whose protocol the box speaks; a protocol may be older than its connector. */
export type BoxConnector =
  | "ftx_perpetual"
  | "bybit_perpetual"
  | "binance_perpetual"
  | "okx_perpetual"
  | "gate_io_perpetual"
  | "hyperliquid_perpetual";

type NameOf<Connector extends string> = Connector extends `${infer Name}_perpetual` ? Name : never;

/**
 * Differences in how a protocol names and tells what the paper venue's engine knows. Everything else is the same on all
 * of them.
 */
export interface BoxProtocol {
  /** The paper venue's name for the protocol. */
  readonly name: ProtocolName & NameOf<BoxConnector>;
  /** The asset that balances, fees and funding are in; the engine's USD. */
  readonly token: string;
  /** Token that pairs are quoted in. */
  readonly quote: string;
  /** True where the private stream announces funding payments. */
  readonly announcesFunding: boolean;
  /** True where a payment comes with its rate; the histories of Binance and OKX have none. */
  readonly tellsFundingRate: boolean;
  /**
   * True where the protocol says that a position was reduced by auto-deleveraging or settled when its market was
   * delisted; on FTX that looks like a trade of another program.
   */
  readonly tellsDeleveraging: boolean;
  /** True where an account can hold a long and a short of one market at a time. */
  readonly hasHedgeMode: boolean;
  /** True where what an amend makes is another order, with an id of its own, which takes the place of the old one. */
  readonly amendsReplace: boolean;
  /** True where an amend is answered before the engine has looked, with the order that is to take the old one's place. */
  readonly answersAmendsEarly?: true;
  /**
   * The shortest time between two payments in worlds of two processes, where the questions after each payment weigh much:
   * with less they would use up the limit that both share.
   */
  readonly minSharedFundingMs?: number;
  /** True where its connector can send orders over a socket. */
  readonly takesOrdersOverSocket: boolean;
  /** Meaning of the balance: FTX's includes unrealised profit. */
  readonly balance: "equity" | "cash";
  paymentId(payment: VenueFundingTruth): string;
  /** True where a market order is a limit order that is immediate or canceled, at a price that the connector chooses. */
  readonly marketOrdersAreLimits?: true;
  /** True where an order may be refused by an answer that does not name it, although a row of the stream does. */
  readonly refusesUnnamed?: true;
  /** State that the protocol shows for an order that ended before it was filled. */
  endState(order: VenueOrderTruth): OrderState;
}

/** Reason why the engine ends an order that it took; any other reason is a refusal. */
const END_REASONS: ReadonlySet<string> = new Set([
  "user",
  "postOnly",
  "iocRemainder",
  "fokUnfilled",
  "selfTrade",
  "reduceOnly",
  "margin",
  "liquidation",
  "delisted",
  "amended",
]);

export const BOX_PROTOCOLS: Readonly<Record<BoxConnector, BoxProtocol>> = {
  ftx_perpetual: {
    name: "ftx",
    token: "USD",
    quote: "USD",
    announcesFunding: false,
    tellsFundingRate: true,
    tellsDeleveraging: false,
    hasHedgeMode: false,
    amendsReplace: true,
    answersAmendsEarly: true,
    takesOrdersOverSocket: false,
    balance: "equity",
    paymentId: ({ paymentId }) => paymentId,
    // A closed order is filled or it is not: FTX knows no other end.
    endState: () => "canceled",
  },
  bybit_perpetual: {
    name: "bybit",
    token: "USDT",
    quote: "USDT",
    announcesFunding: true,
    tellsFundingRate: true,
    tellsDeleveraging: true,
    hasHedgeMode: true,
    amendsReplace: false,
    takesOrdersOverSocket: true,
    balance: "cash",
    paymentId: ({ paymentId }) => paymentId,
    // `Rejected` is an order that the gateway took and the matching engine did not.
    endState: ({ reason }) => (END_REASONS.has(reason ?? "") ? "canceled" : "failed"),
  },
  binance_perpetual: {
    name: "binance",
    token: "USDT",
    quote: "USDT",
    announcesFunding: true,
    tellsFundingRate: false,
    tellsDeleveraging: true,
    hasHedgeMode: true,
    amendsReplace: false,
    takesOrdersOverSocket: true,
    balance: "cash",
    // The connector adds the symbol, because one transaction may book several payments.
    paymentId: ({ paymentId, market }) => `${paymentId}:${market.replace("-", "")}`,
    endState: ({ reason }) => (reason === "user" ? "canceled" : "expired"),
  },
  okx_perpetual: {
    name: "okx",
    token: "USDT",
    quote: "USDT",
    announcesFunding: true,
    tellsFundingRate: false,
    tellsDeleveraging: true,
    hasHedgeMode: true,
    amendsReplace: false,
    takesOrdersOverSocket: true,
    balance: "cash",
    paymentId: ({ paymentId }) => paymentId,
    // Refusals come at once: an order that was taken ends filled or canceled.
    endState: () => "canceled",
  },
  gate_io_perpetual: {
    name: "gate_io",
    token: "USDT",
    quote: "USDT",
    announcesFunding: true,
    tellsFundingRate: false,
    tellsDeleveraging: true,
    hasHedgeMode: true,
    amendsReplace: false,
    takesOrdersOverSocket: true,
    balance: "cash",
    paymentId: ({ paymentId }) => paymentId,
    // `finished` is every end, and what was not filled is canceled.
    endState: () => "canceled",
  },
  hyperliquid_perpetual: {
    name: "hyperliquid",
    token: "USDC",
    quote: "USD",
    announcesFunding: true,
    tellsFundingRate: true,
    tellsDeleveraging: true,
    hasHedgeMode: false,
    amendsReplace: true,
    takesOrdersOverSocket: true,
    balance: "equity",
    marketOrdersAreLimits: true,
    refusesUnnamed: true,
    minSharedFundingMs: 45_000,
    paymentId: ({ paymentId }) => paymentId,
    // An immediate order that found nobody and a post-only one that found somebody are refused.
    endState: ({ reason, filled }) => {
      const isRefused = reason === "postOnly" || (reason === "iocRemainder" && filled.isZero());
      return isRefused || !END_REASONS.has(reason ?? "") ? "failed" : "canceled";
    },
  },
};

/** The venue's record in the connector's names of markets and payments; amounts are left as they are. */
export function translated(truth: VenueTruth, { quote, paymentId }: BoxProtocol): VenueTruth {
  const named = <Row extends { readonly market: string }>(rows: readonly Row[]) =>
    rows.map((row) => ({ ...row, market: row.market.replace(/-USD$/, `-${quote}`) }));
  return {
    ...truth,
    orders: named(truth.orders),
    fills: named(truth.fills),
    positions: named(truth.positions),
    fundingPayments: named(truth.fundingPayments).map((row) => ({ ...row, paymentId: paymentId(row) })),
  };
}

/** Throws `ConfigError` for a connector that the box has no protocol of. */
export function assertBoxConnector(connector: unknown): asserts connector is BoxConnector {
  if (typeof connector === "string" && Object.hasOwn(BOX_PROTOCOLS, connector)) return;
  const hint = `it is ${Object.keys(BOX_PROTOCOLS).join(", ")}`;
  throw new ConfigError(`the exchange in the box does not speak the protocol of ${String(connector)}`, { hint });
}
