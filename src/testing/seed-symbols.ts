import type { ListenKeyLease } from "../account/listen-key.ts";
import type { UserStreamDataSource } from "../account/user-stream-data-source.ts";
import type { ListenKeyRequests, VenueUserStreamDataSource } from "../account/venue-user-stream-data-source.ts";
import type { AccountSync } from "../connector/account-sync.ts";
import type { ConnectorNetwork } from "../connector/connector-network.ts";
import type { MarketSide } from "../connector/market-side.ts";
import type { PerpetualConnector } from "../connector/perpetual-connector.ts";
import type {
  CreateVenueOptions,
  PerpetualVenue,
  VenueDerivative,
  VenueHeartbeat,
  VenueManifest,
  VenueWebUtils,
} from "../connector/perpetual-venue.ts";
import type { StatusPolling } from "../connector/status-polling.ts";
import type { TradingSide } from "../connector/trading-side.ts";
import type { OrderBookDataSource } from "../market-data/order-book-data-source.ts";
import type { VenueOrderBookDataSource } from "../market-data/venue-order-book-data-source.ts";
import type { TradingRule } from "../model/market.ts";
import type { Authenticator } from "../net/auth.ts";
import type * as binanceAuth from "../venues/binance/auth.ts";
import type * as binanceConstants from "../venues/binance/constants.ts";
import type * as binanceManifest from "../venues/binance/manifest.ts";
import type * as bybitAuth from "../venues/bybit/auth.ts";
import type * as bybitConstants from "../venues/bybit/constants.ts";
import type * as bybitManifest from "../venues/bybit/manifest.ts";
import type * as ftxAuth from "../venues/ftx/auth.ts";
import type * as ftxConstants from "../venues/ftx/constants.ts";
import type * as ftxManifest from "../venues/ftx/manifest.ts";

/** Where the things that the checklist names live. A member that goes away makes the items that name it fail to compile. */
interface Owners {
  PerpetualConnector: PerpetualConnector;
  PerpetualVenue: PerpetualVenue;
  CreateVenueOptions: CreateVenueOptions;
  VenueManifest: VenueManifest;
  VenueHeartbeat: VenueHeartbeat;
  VenueWebUtils: VenueWebUtils;
  VenueDerivative: VenueDerivative;
  VenueOrderBookDataSource: VenueOrderBookDataSource;
  VenueUserStreamDataSource: VenueUserStreamDataSource;
  ListenKeyRequests: ListenKeyRequests;
  ListenKeyLease: ListenKeyLease;
  OrderBookDataSource: OrderBookDataSource;
  UserStreamDataSource: UserStreamDataSource;
  MarketSide: MarketSide;
  TradingSide: TradingSide;
  AccountSync: AccountSync;
  StatusPolling: StatusPolling;
  ConnectorNetwork: ConnectorNetwork;
  Authenticator: Authenticator;
  TradingRule: TradingRule;
  "ftx/constants": typeof ftxConstants;
  "ftx/auth": typeof ftxAuth;
  "ftx/manifest": typeof ftxManifest;
  "bybit/constants": typeof bybitConstants;
  "bybit/auth": typeof bybitAuth;
  "bybit/manifest": typeof bybitManifest;
  "binance/constants": typeof binanceConstants;
  "binance/auth": typeof binanceAuth;
  "binance/manifest": typeof binanceManifest;
}

/** A file that every venue has, and what is in all of them under one name. */
type InEveryVenue<File extends "constants" | "auth" | "manifest"> = `${File}.${Extract<
  keyof Owners[`ftx/${File}`] & keyof Owners[`bybit/${File}`] & keyof Owners[`binance/${File}`],
  string
>}`;

/** `Owner.member`, for example `VenueDerivative.placeOrder`. */
export type SymbolName = {
  [Owner in keyof Owners]: `${Owner}.${Extract<keyof Owners[Owner], string>}`;
}[keyof Owners];

/** `file.member` of every venue's folder, for example `auth.generateSignature`. */
export type VenueSymbolName = InEveryVenue<"constants"> | InEveryVenue<"auth"> | InEveryVenue<"manifest">;

/** The connectors that the checklist is answered for. */
export type ChecklistVenue = "ftx_perpetual" | "bybit_perpetual" | "binance_perpetual";

/** What stands for an item of the checklist here. `{venue}` in a file is a venue's folder. */
export type SeedAnswer =
  | { readonly symbol: SymbolName }
  | { readonly venueSymbol: VenueSymbolName }
  | { readonly file: string }
  | { readonly test: string }
  | { readonly fixture: string };

/** A step, method, fixture or test that the checklist names. */
export interface SeedItem {
  readonly section: string;
  /** As the checklist writes it. */
  readonly name: string;
  readonly ours: SeedAnswer;
  /** Where a venue has something of its own for it, or why it has nothing. The engine may have it all the same. */
  readonly venues?: VenueAnswers | undefined;
}

/** A venue's own answer to an item. */
export type VenueAnswers = Partial<
  Record<ChecklistVenue, { readonly symbol: SymbolName } | { readonly notOffered: string }>
>;

/** What a venue is asked, or the channel or event it is told by; or why not. */
export type ApiAnswer = { readonly endpoint: string; readonly note?: string } | { readonly notOffered: string };

/** A row of the checklist's API table. */
export interface ApiRow {
  readonly name: string;
  readonly required: "True" | "False" | "Conditionally" | "";
  readonly type: string;
  /** Where the checklist expects it. */
  readonly path: string;
  readonly ours: SymbolName;
  readonly venues: Record<ChecklistVenue, ApiAnswer>;
}
