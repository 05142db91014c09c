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
}

/** `Owner.member`, for example `VenueDerivative.placeOrder`. */
export type SymbolName = {
  [Owner in keyof Owners]: `${Owner}.${Extract<keyof Owners[Owner], string>}`;
}[keyof Owners];

/** The connectors that the checklist is answered for. */
export type ChecklistVenue = "ftx_perpetual";

/** What stands for an item of the checklist here. `{venue}` in a file is a venue's folder. */
export type SeedAnswer =
  | { readonly symbol: SymbolName }
  | { readonly file: string }
  | { readonly test: string }
  | { readonly fixture: string };

/** A step, method, fixture or test that the checklist names. */
export interface SeedItem {
  readonly section: string;
  /** As the checklist writes it. */
  readonly name: string;
  readonly ours: SeedAnswer;
  /** Why a venue does not have it. The engine may still: then it is tested with the ability added to the venue. */
  readonly notOffered?: Partial<Record<ChecklistVenue, string>> | undefined;
}

/** A row of the checklist's API table. */
export interface ApiRow {
  readonly name: string;
  readonly required: "True" | "False" | "Conditionally" | "";
  readonly type: string;
  /** Where the checklist expects it. */
  readonly path: string;
  readonly ours: SymbolName;
  /** What a venue is asked; or why it is not. */
  readonly venues: Record<ChecklistVenue, { readonly endpoint: string } | { readonly notOffered: string }>;
}
