/**
 * Version of the history's format. A history is a file of JSON objects, one a line, of everything that happened in a
 * run, in that order; the first one describes the file. Amounts are plain decimal text. No line holds a key, a
 * signature, a passphrase or a listen key.
 */
export const HISTORY_VERSION = 1;

export interface HeadLine {
  readonly kind: "history";
  readonly version: typeof HISTORY_VERSION;
  /** Equal for files that belong together: the processes of one run. */
  readonly run: string;
  /** Name of the connector, for example `okx_perpetual`. */
  readonly connector: string;
  readonly seed: number | string;
  readonly profile?: string | undefined;
  readonly minutes?: number | undefined;
  /** Version of Perpwire. */
  readonly perpwire: string;
  /** Epoch milliseconds of `t` 0. */
  readonly startMs: number;
  /** Asset that fees, funding and profit are in, and what the account began with. */
  readonly token: string;
  readonly startingCash: string;
  /** True where somebody other than the processes of the run trades on the account. */
  readonly hasHand: boolean;
  readonly riskLimits?: RiskLimitsShown | undefined;
}

export interface RiskLimitsShown {
  /** Largest position by trading pair. */
  readonly maxPosition: Readonly<Record<string, string>>;
  readonly maxOpenOrders: number;
}

interface Moment {
  /** Milliseconds since the run began. */
  readonly t: number;
}

interface OfProcess extends Moment {
  readonly host: string;
  /** Number of the process on its host, from 1 on: one that was killed and started again is the next. */
  readonly life: number;
}

/** A request that a process gave to the network; headers are left out. */
export interface RequestLine extends OfProcess {
  readonly kind: "request";
  /** Number of the request within the process; its answer has the same. */
  readonly id: number;
  readonly method: string;
  readonly url: string;
  readonly body?: string | undefined;
}

/** Outcome of a request: an answer, or the error that came in its place. */
export interface AnswerLine extends OfProcess {
  readonly kind: "answer";
  readonly id: number;
  readonly status?: number | undefined;
  readonly text?: string | undefined;
  /** Code of the failure: no answer came. */
  readonly lost?: string | undefined;
  /** False where it is proven that nothing of the request left. */
  readonly mayHaveLeft?: boolean | undefined;
}

export interface FrameLine extends OfProcess {
  readonly kind: "frame";
  readonly socket: number;
  readonly dir: "in" | "out";
  readonly text: string;
  /** Characters of the whole where `text` is its beginning. */
  readonly length?: number | undefined;
}

/** A WebSocket opened or closed. */
export interface SocketLine extends OfProcess {
  readonly kind: "socket";
  readonly socket: number;
  readonly what: "open" | "closed";
  readonly url?: string | undefined;
  readonly code?: number | undefined;
}

/** Anything that a process tells its program: one of the connector's typed events. */
export interface EventLine extends OfProcess {
  readonly kind: "event";
  readonly name: string;
  readonly data: Fields;
}

export interface ProcessLine extends OfProcess {
  readonly kind: "process";
  readonly what: "started" | "killed" | "stopped";
}

/** Call of the program, the orders that it returned, and how a call that takes time ended. */
export interface AskedLine extends OfProcess {
  readonly kind: "asked";
  readonly call: string;
  readonly step: "called" | "done" | "refused";
  readonly with?: unknown;
  /** Client order ids of the orders that the call made. */
  readonly orders?: readonly string[] | undefined;
  /** Code of the error with which it was refused. */
  readonly code?: string | undefined;
}

export interface StateLine extends OfProcess {
  readonly kind: "state";
  /** `look`: now and then. `refreshed`: `refresh()` has just ended. `final`: it was to agree with the `truth` that follows. */
  readonly when: "look" | "refreshed" | "final";
  readonly ready: boolean;
  readonly orders: readonly OrderShown[];
  /** Open orders of the account that are none of the process's. */
  readonly external: readonly ExternalShown[];
  readonly positions: readonly PositionShown[];
  readonly balances: readonly BalanceShown[];
  readonly books: readonly BookShown[];
  readonly dailyResult?: { readonly result: string; readonly isComplete: boolean } | undefined;
  readonly funding?: readonly PaymentShown[] | undefined;
}

export interface OrderShown {
  readonly id: string;
  readonly exchangeId: string | null;
  readonly pair: string;
  readonly side: "buy" | "sell";
  readonly state: string;
  readonly price: string | null;
  readonly amount: string;
  readonly executed: string;
  readonly average: string | null;
  readonly fees: Readonly<Record<string, string>>;
}

export interface ExternalShown {
  readonly exchangeId: string;
  readonly id: string | null;
  readonly pair: string;
}

export interface PositionShown {
  readonly pair: string;
  readonly side: "long" | "short" | "both";
  /** A short is negative. */
  readonly amount: string;
  readonly entry: string;
}

export interface BalanceShown {
  readonly asset: string;
  readonly total: string;
  readonly available: string;
}

export type Level = readonly [price: string, amount: string];

export interface BookShown {
  readonly pair: string;
  readonly isValid: boolean;
  /** Number of the last update that is in it; null where the venue has none. */
  readonly updateId: number | null;
  /** Time that the venue gave to the last update. */
  readonly timestampMs: number;
  /** Bids, at most 20 levels a side, best first. */
  readonly bids: readonly Level[];
  readonly asks: readonly Level[];
  /** Price beyond which the book claims nothing; null where it claims all. */
  readonly bidHorizon: string | null;
  readonly askHorizon: string | null;
}

export interface PaymentShown {
  readonly id: string;
  readonly pair: string;
  readonly amount: string;
}

/** Act of the box's engine, in its own names: markets are `BTC-USD`, ids are numbers of the engine. */
export type VenueLine = VenueOrderLine | VenueFillLine | VenueBookLine | VenuePositionLine | VenueAccountLine;

interface OfVenue extends Moment {
  readonly kind: "venue";
}

export interface VenueOrderLine extends OfVenue {
  readonly type: "order";
  readonly what: "accepted" | "opened" | "changed" | "amended" | "closed";
  readonly orderId: number;
  readonly clientId: string | null;
  readonly market: string;
  readonly side: "buy" | "sell";
  readonly price: string | null;
  readonly size: string;
  readonly filled: string;
  readonly reason: string | null;
}

export interface VenueFillLine extends OfVenue {
  readonly type: "fill";
  readonly fillId: number;
  readonly orderId: number;
  readonly clientId: string | null;
  readonly market: string;
  readonly side: "buy" | "sell";
  readonly price: string;
  readonly size: string;
  readonly fee: string;
  /** The venue traded for the account by itself. */
  readonly forced?: "liquidation" | "adl" | "settlement" | undefined;
}

/** Levels that one command changed: the total at a price, 0 where it is gone. */
export interface VenueBookLine extends OfVenue {
  readonly type: "book";
  readonly market: string;
  /** The venue's clock, epoch milliseconds: what its messages are stamped with. */
  readonly venueMs: number;
  readonly levels: readonly (readonly [side: "buy" | "sell", price: string, size: string])[];
}

export interface VenuePositionLine extends OfVenue {
  readonly type: "position";
  readonly market: string;
  readonly side: "long" | "short" | "both";
  readonly size: string;
}

export interface VenueAccountLine extends OfVenue {
  readonly type: "account";
  readonly cash: string;
  readonly equity: string;
  readonly available: string;
}

/** The box's own record of the account, in the ids of the wire. The states before it, marked `final`, were to agree with it. */
export interface TruthLine extends Moment {
  readonly kind: "truth";
  readonly when: string;
  readonly cash: string;
  readonly equity: string;
  /** Free collateral; absent where the record does not tell it. */
  readonly available?: string | undefined;
  readonly orders: readonly TruthOrder[];
  readonly fills: readonly TruthFill[];
  readonly positions: readonly TruthPosition[];
  readonly fundingPayments: readonly TruthPayment[];
}

export interface TruthOrder {
  readonly orderId: string | number;
  readonly clientId: string | null;
  readonly market: string;
  readonly side: "buy" | "sell";
  readonly price: string | null;
  readonly size: string;
  readonly filled: string;
  readonly filledCost: string;
  readonly status: "new" | "open" | "closed";
  readonly reason: string | null;
}

export interface TruthFill {
  readonly fillId: string | number;
  readonly orderId: string | number;
  readonly clientId: string | null;
  readonly market: string;
  readonly side: "buy" | "sell";
  readonly price: string;
  readonly size: string;
  readonly fee: string;
  readonly isMaker: boolean;
}

export interface TruthPosition {
  readonly market: string;
  readonly side: "long" | "short" | "both";
  readonly size: string;
  /** Signed sum of price times size of what is open. */
  readonly cost: string;
}

export interface TruthPayment {
  readonly paymentId: string | number;
  readonly market: string;
  readonly amount: string;
}

/** Names and values of an event, amounts as text. */
export type Fields = Readonly<Record<string, unknown>>;

export type ProcessLines =
  | RequestLine
  | AnswerLine
  | FrameLine
  | SocketLine
  | EventLine
  | ProcessLine
  | AskedLine
  | StateLine;
export type HistoryLine = HeadLine | ProcessLines | VenueLine | TruthLine;
