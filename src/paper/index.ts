import "../runtime/node-version.ts";

/** `perpwire/paper`: a perpetual exchange in the box. */
export { selfSignedIdentity } from "../runtime/certificate.ts";
export type { ServerRequest, ServerResponse, TlsIdentity } from "../runtime/runtime.ts";
export type { PaperTruth, TruthFill, TruthFundingPayment, TruthOrder, TruthPosition } from "./control.ts";
export { formatAmount, parseAmount } from "./engine/amount.ts";
export { createEngine } from "./engine/engine.ts";
export * from "./engine/types.ts";
export { FaultPolicy } from "./fault-policy.ts";
export { CHAOS, type DeadChannel, type FaultConfig, type Maintenance, type RetryAfter } from "./faults.ts";
export type { MarketDriver } from "./market/market-driver.ts";
export { PAPER_MARKETS } from "./market/markets.ts";
export { SyntheticFlow, type SyntheticFlowOptions } from "./market/synthetic-flow.ts";
export type { PaperVenue } from "./paper-venue.ts";
export { PAPER_PASSPHRASE } from "./protocols/accounts.ts";
export { BINANCE_MARKETS } from "./protocols/binance/markets.ts";
export type { FrameSink } from "./protocols/frame.ts";
export { type RateLimits, STRICT_LIMITS, type WindowLimit } from "./protocols/ftx/rate-limit.ts";
export { HYPERLIQUID_MARKETS } from "./protocols/hyperliquid/universe.ts";
export type * from "./protocols/paper-protocol.ts";
export { type AnyProtocolName, PROTOCOL_NAMES, type ProtocolName } from "./protocols/protocol-names.ts";
export type { ProtocolDefinition } from "./protocols/protocols.ts";
export { parseFaults } from "./read-faults.ts";
export type { PaperTrader, TraderOrder } from "./trader.ts";
export { createPaperVenue } from "./venue.ts";
export type { PaperAccount, PaperVenueOptions } from "./venue-options.ts";
