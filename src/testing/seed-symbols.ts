import type { ListenKeyLease } from "../account/listen-key.ts";
import type { UserStreamDataSource } from "../account/user-stream-data-source.ts";
import type { ListenKeyRequests, VenueUserStreamDataSource } from "../account/venue-user-stream-data-source.ts";
import type { AccountSync } from "../connector/account-sync.ts";
import type { ConnectorNetwork } from "../connector/connector-network.ts";
import type { MarketSide } from "../connector/market-side.ts";
import type { OrderSync } from "../connector/order-sync.ts";
import type { PerpetualConnector } from "../connector/perpetual-connector.ts";
import type {
  PerpetualVenue,
  VenueDerivative,
  VenueHeartbeat,
  VenueManifest,
  VenuePaths,
  VenueWebUtils,
} from "../connector/perpetual-venue.ts";
import type { StatusPolling } from "../connector/status-polling.ts";
import type { TradingFees } from "../connector/trading-fees.ts";
import type { TradingSide } from "../connector/trading-side.ts";
import type { OrderBookDataSource } from "../market-data/order-book-data-source.ts";
import type { VenueOrderBookDataSource } from "../market-data/venue-order-book-data-source.ts";
import type { TradingRule } from "../model/market.ts";
import type { Authenticator } from "../net/auth.ts";
import type { FixtureName } from "./kit/fixtures.ts";

/**
 * Classes and modules that own the names of the checklist. A member that goes away makes the items that name it fail to
 * compile.
 */
interface Owners {
  PerpetualConnector: PerpetualConnector;
  PerpetualVenue: PerpetualVenue;
  VenueManifest: VenueManifest;
  VenuePaths: VenuePaths;
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
  TradingFees: TradingFees;
  TradingSide: TradingSide;
  AccountSync: AccountSync;
  OrderSync: OrderSync;
  StatusPolling: StatusPolling;
  ConnectorNetwork: ConnectorNetwork;
  Authenticator: Authenticator;
  TradingRule: TradingRule;
}

/** `Owner.member`, for example `VenueDerivative.placeOrder`. */
export type SymbolName = {
  [Owner in keyof Owners]: `${Owner}.${Extract<keyof Owners[Owner], string>}`;
}[keyof Owners];

/** The files of a venue whose exports the checklist names. */
export type VenueFile = "constants" | "manifest" | "auth";

/** An export of a venue's own file, for example `{venue}/auth.generateSignature`: looked up when the checklist is run. */
export type VenueSymbolName = `{venue}/${VenueFile}.${string}`;

/** A file of the repository. `{venue}` is the venue's folder. */
export type FileName = `${string}.ts` | `${string}.yml`;

/** Symbol of this project that stands for an item of the checklist. */
export type SeedSymbol = SymbolName | VenueSymbolName | FileName;

export type ItemKind = "prerequisite" | "api" | "step" | "method" | "fixture" | "test";

/** Ability that a venue may lack: found out by asking it, explained by the reason that it gives under this name. */
export type AbilityName =
  | "restUrls"
  | "serverTime"
  | "authenticationInParams"
  | "authenticationInHeaders"
  | "bookDiffChannel"
  | "listenKey"
  | "balanceChannel"
  | "positionChannel"
  | "fundingInfoChannel"
  | "hedgeMode";

/** A step, method, fixture or test that the checklist names. */
export interface SeedItem {
  readonly section: string;
  /** Name as the checklist writes it. */
  readonly name: string;
  readonly kind: Exclude<ItemKind, "prerequisite" | "api">;
  readonly symbol: string;
  /** The kit's tests that prove it, by name; of a fixture: those that need it. */
  readonly tests: readonly string[];
  /** Field of a fixture in `PerpetualConnectorFixtures`. */
  readonly fixture?: FixtureName | undefined;
  readonly ability?: AbilityName | undefined;
}

/** A row of the checklist's API table. */
export interface ProtocolRow {
  readonly name: string;
  readonly required: "True" | "False" | "Conditionally" | "";
  readonly type: string;
  /** Path where the checklist expects it. */
  readonly path: string;
  readonly symbol: SymbolName;
  readonly tests: readonly string[];
  readonly ability?: AbilityName | undefined;
  /** The fixture whose absence a venue explains together with that of the row. */
  readonly fixture?: FixtureName | undefined;
}
