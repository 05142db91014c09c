import "./runtime/node-version.ts";

/** Exports for connector authors: everything that the eight files of a venue import. */
export { adjustmentOf } from "./account/venue-trades.ts";
export type { PrivateFrameKind, VenueUserStreamDataSource } from "./account/venue-user-stream-data-source.ts";
export { defineVenue, type VenueDefinition } from "./connector/define-venue.ts";
export { type MarketRow, type MarketRows, readExchangeInfo } from "./connector/exchange-info.ts";
export type * from "./connector/perpetual-venue.ts";
export type { BookChecksum, ChecksummedBook } from "./market-data/book-checksum.ts";
export type { BookFrame, LevelSink } from "./market-data/book-frame.ts";
export type { BookSide } from "./market-data/book-side.ts";
export type { BookWire, WireTime } from "./market-data/book-wire.ts";
export { type ContinuityRule, updateIdOf } from "./market-data/continuity.ts";
export { pushLevels } from "./market-data/frame-checks.ts";
export { type LevelColumns, resized } from "./market-data/level-columns.ts";
export { type CrcSide, LevelCrc } from "./market-data/level-crc.ts";
export { decimalOfScaled, powerOfTen } from "./market-data/scaled.ts";
export { shardOf, slotInMarkets } from "./market-data/shards.ts";
export { NO_LEVEL, type SideView } from "./market-data/side-view.ts";
export { type SizeUnit, sizeUnitOf } from "./market-data/size-unit.ts";
export type {
  PublicAnswer,
  PublicChannel,
  PublicFrameKind,
  VenueOrderBookDataSource,
} from "./market-data/venue-order-book-data-source.ts";
export type * from "./model/account-update.ts";
export type { CashFlow } from "./model/cash-flow.ts";
export { Decimal, type DecimalInput, decimal, decimalOfWireNumber, ONE, sum, ZERO } from "./model/decimal.ts";
export * from "./model/error.ts";
export { type FlatFee, flatFee, NO_FEE, type TradeFee, type TradeFeeSchema } from "./model/fee.ts";
export type { FundingInfo, FundingInfoMessage, FundingInfoUpdate, FundingPayment } from "./model/funding.ts";
export { type Market, type PublicTrade, splitTradingPair, type TradingPair, type TradingRule } from "./model/market.ts";
export type * from "./model/order.ts";
export { span } from "./model/span.ts";
export { CLOCKS_DIFFER_MS, formatIsoTime, parseIsoTime } from "./model/time.ts";
export { marketOf, type VenueMarkets } from "./model/venue-markets.ts";
export { wordTable } from "./model/word-table.ts";
export { AccountLists } from "./net/account-lists.ts";
export {
  type ApiFactories,
  type ApiFactoriesOptions,
  createApiFactories,
  isTimeSyncError,
} from "./net/api-factories.ts";
export {
  ACCOUNT_ADDRESS,
  API_KEY,
  API_SECRET,
  type Authenticator,
  type CredentialSpec,
  type Credentials,
  credentialSuffix,
  KEY_AND_ADDRESSES,
  KEY_AND_SECRET,
  PASSPHRASE,
  PRIVATE_KEY,
  type PreparedRequest,
  receiveWindowMs,
  requiredCredential,
  type SigningContext,
  SUB_ACCOUNT,
  USER_ID,
  VAULT_ADDRESS,
} from "./net/auth.ts";
export { crc32, crcBefore, crcOfBytes, crcShift } from "./net/crc32.ts";
export {
  askBeside,
  isUnknownMarket,
  leaveOut,
  type OnMarketFailure,
  settleBatches,
  settleEach,
  settleInTurn,
} from "./net/fan-out.ts";
export { hmac } from "./net/hmac.ts";
export { excerpt, isFirewallPage, isPage, parseJson, parseRetryAfter } from "./net/json.ts";
export { Nonces } from "./net/nonces.ts";
export type { OrderSocketConventions, OrderSocketFrame } from "./net/order-socket.ts";
export { readPages } from "./net/pages.ts";
export {
  each,
  type FillSource,
  type PayloadIssue,
  type PayloadSchema,
  readFee,
  readPayload,
  toldFee,
  wireText,
} from "./net/payload.ts";
export { datedBalances } from "./net/reading-time.ts";
export type { RateLimitFeedback, RestConventions } from "./net/rest-assistant.ts";
export { encodePath, encodeQuery, targetOf, withHeaders } from "./net/rest-encoding.ts";
export {
  assertAcknowledges,
  type BatchRowId,
  type OnUnreadable,
  oldestFirst,
  type RowKind,
  readBatchRow,
  readList,
  readRows,
  rowOfOrder,
  type UnreadableRow,
} from "./net/rows.ts";
export type { SocketAddress } from "./net/socket-address.ts";
export type { RateLimit } from "./net/throttler.ts";
export type * from "./net/venue-api.ts";
export {
  type OptionalWireSchema,
  optionalWireCoin,
  optionalWireDecimal,
  readDecimal,
  secondaryWireDecimal,
  type WireSchema,
  wireCoin,
  wireDecimal,
  wireId,
  wireIntegerId,
  wireIsoTime,
  wireSymbol,
  wireTimeMs,
  wireTimeSeconds,
} from "./net/wire-schemas.ts";
export type { HttpResponse } from "./runtime/runtime.ts";
export type { ClientOrderIdRule } from "./trading/client-order-id.ts";
export { quantizeOrderPrice } from "./trading/quantize.ts";
