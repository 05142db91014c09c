import type { Outcome, Retry } from "../../model/error.ts";
import type { PositionSide } from "../../model/order.ts";
import type { Credentials } from "../../net/auth.ts";
import { excerpt } from "../../net/json.ts";

export const HTTP_METHODS = ["GET", "POST", "PUT", "DELETE"] as const;
export type HttpMethod = (typeof HTTP_METHODS)[number];

type RouteParams = Readonly<Record<string, string>>;

/** One scripted answer of the REST API. */
export interface Route {
  readonly method: HttpMethod;
  /** Relative to `restBasePath`, with a leading slash; may hold placeholders (`"/orders/{exchangeOrderId}"`). */
  readonly path: string;
  /**
   * Parameters that a request must have in its query or form, beside any others; a list holds alternatives (either id
   * of an order). Default: any. The last route that fits answers.
   */
  readonly params?: RouteParams | readonly RouteParams[] | undefined;
  /** Default 200. */
  readonly status?: number | undefined;
  /** Filled when it is sent: `{nowMs}` is then, `{request.symbol}` the request's own parameter or body field. */
  readonly body: unknown;
  /** Frames that the venue sends on its public sockets just before it answers. */
  readonly pushes?: readonly unknown[] | undefined;
}

export const isListOfRoutes = (routes: Route | readonly Route[]): routes is readonly Route[] => Array.isArray(routes);

/** Fails where a fixture is a payload as the documentation has it, and the request that it answers is missing. */
export function assertIsRoute(fixture: unknown): void {
  if (typeof fixture === "object" && fixture !== null && "method" in fixture && "path" in fixture) return;
  const came = excerpt(JSON.stringify(fixture) ?? "undefined");
  throw new TypeError(
    `an answer is a route, { method: "GET", path: "/time", body: payload }, and no payload alone: ${came}`,
  );
}

export type Routes = readonly Route[];

/**
 * Expected form of a request, authentication aside: exactly these parameters (query, or form body) and exactly this
 * JSON body. `"*"` within a text stands for anything; a field that is undefined must not be there.
 */
export interface RequestShape {
  readonly method: HttpMethod;
  readonly path: string;
  /** Default: none. */
  readonly params?: Readonly<Record<string, unknown>> | undefined;
  /** Default: none. */
  readonly body?: unknown;
  /** True where further parameters and body fields are allowed. Default false. */
  readonly further?: boolean | undefined;
}

/**
 * Changes to the body of `orderCreationRequest` (or, where it is a form, to its parameters); undefined removes a field.
 */
export type RequestChanges = Readonly<Record<string, unknown>>;

/** One rule of the scripted socket: frames that look like `to` are answered `with` these. Every rule that fits answers, in order. */
export interface SocketAnswer {
  /** Part of a frame: fields that are given must be equal; of a list, each given item must be in it; `*` in texts. */
  readonly to: unknown;
  /** Part of a frame, or of an item of `forEach`, that is not answered so. */
  readonly unless?: unknown;
  /** Answers once for each item of that list of the frame (of those like `like`); `{each}`, `{each.channel}` is the item. */
  readonly forEach?: { readonly field: string; readonly like?: unknown } | undefined;
  /** `{frame.id}`, `{frame.args}`, ... are the frame's own. A bare text is sent as it is, everything else as JSON. */
  readonly with: readonly unknown[];
}

export interface SocketFixture {
  readonly answers: readonly SocketAnswer[];
  /** Marks of a private connection: a frame like one of these, or an address that holds the text. */
  readonly private: { readonly frames?: readonly unknown[] | undefined; readonly target?: string | undefined };
  /**
   * Routing for a venue with several public sockets: frames whose JSON holds `frames` go to addresses that hold
   * `target`.
   */
  readonly public?: readonly { readonly target: string; readonly frames: string }[] | undefined;
}

/**
 * One path of the venue for many things (`POST /info`), told apart by a field of the body, which may be within another
 * (`action.type`). Fixtures name each as a path of its own: `/info/meta`. A question counts as a GET, with the other fields
 * as its parameters.
 */
export interface SharedPath {
  readonly path: string;
  readonly field: string;
  readonly isQuestion?: boolean | undefined;
}

/**
 * Places of the key, the time and the signature in a signed request. Their values are proven by `authVectors`. Names of
 * headers are lower case.
 */
export interface AuthFixture {
  readonly headers?: readonly string[] | undefined;
  /** Query or form parameters. */
  readonly params?: readonly string[] | undefined;
  /** Fields of a JSON body. */
  readonly body?: readonly string[] | undefined;
  /** Place of the time. */
  readonly timestamp: {
    readonly in: "headers" | "params" | "body";
    readonly name: string;
    /** Default `ms`. */
    readonly format?: "ms" | "seconds" | "iso" | undefined;
  };
  /** Place of the time until which an order that is under way is taken, where signing adds one. */
  readonly deadline?: AuthFixture["timestamp"] | undefined;
  /** Paths of requests that carry the key only. */
  readonly keyOnly?: readonly string[] | undefined;
  /** True where questions are signed by nobody, and orders alone are. */
  readonly isForActionsOnly?: boolean | undefined;
}

/** A signature that is known from elsewhere (the venue's own example, or made with another tool). */
export interface AuthVector {
  /** Default: `credentials` of the fixtures. */
  readonly credentials?: Credentials | undefined;
  readonly nowMs: number;
  readonly method: HttpMethod;
  /** URL with its query, as it will be sent before signing. */
  readonly url: string;
  readonly body?: string | undefined;
  /** Headers that must be there (whatever else is); the whole address and the whole body where signing changes them. */
  readonly expected: {
    readonly headers?: Readonly<Record<string, string>> | undefined;
    readonly url?: string | undefined;
    readonly body?: string | undefined;
  };
}

/** One entry of the venue's error table. */
export interface ErrorRow {
  /** The row stands for one row a code then, which the body names as `{code}`. */
  readonly codes?: readonly (number | string)[] | undefined;
  /** Default 200. */
  readonly status?: number | undefined;
  readonly body: unknown;
  /** The name of our error's class. */
  readonly error: string;
  readonly outcome: Outcome;
  readonly retry?: Retry | undefined;
  /** Default GET. */
  readonly method?: HttpMethod | undefined;
  /** Default `/`. */
  readonly path?: string | undefined;
  /**
   * True where this answer to a status request or a cancel says that the venue does not know the order. Default false.
   */
  readonly isOrderNotFoundDuringStatusUpdate?: boolean | undefined;
  readonly isOrderNotFoundDuringCancelation?: boolean | undefined;
  /** True where the request was refused for our clock. Default: true when the class is `TimeSyncError`. */
  readonly isAboutTime?: boolean | undefined;
}

/** Every level, best first: as pairs, or as text (`"60000.1 x 1.2, 60000.2 x 7"`). */
export type Levels = string | readonly (readonly [price: string, amount: string])[];
export interface ExpectedBook {
  readonly bids: Levels;
  readonly asks: Levels;
}

/** Figures that the payload does not carry stay undefined. `amount` is signed: negative is short. */
export interface ExpectedPosition {
  readonly tradingPair: string;
  readonly side: PositionSide;
  readonly amount: string;
  readonly entryPrice: string;
  readonly unrealizedPnl?: string | undefined;
  readonly leverage?: string | undefined;
  readonly liquidationPrice?: string | undefined;
  readonly markPrice?: string | undefined;
}

/** A listing over more than one page: the routes of every page, and the ids that must all come, oldest first. */
export interface PagedFixture {
  /** Answers to a list from `{sinceMs}` on, an hour before `startMs`. */
  readonly routes: Routes;
  /** Expected form of the first request; `{sinceMs}` is a placeholder. */
  readonly request?: RequestShape | undefined;
  readonly expectedIds: readonly string[] | { readonly count: number; readonly first: string; readonly last: string };
}

/** A list of the account's past, and for which ranges of time it can be asked. */
export interface HistoryList {
  readonly of: "fills" | "fundingPayments";
  readonly path: string;
  /** Parameters that hold the range's begin and its end. */
  readonly begin: string;
  readonly end: string;
  /** Default `ms`. */
  readonly format?: "ms" | "seconds" | undefined;
  /** The longest range of one request; one without an end is as long. */
  readonly longestMs: number | "any";
  /** Greatest age of its rows. */
  readonly reachesMs: number | "any";
  /** Answer to a range that is too long. */
  readonly refusal?: Pick<Route, "status" | "body"> | undefined;
}

/** Requests and answers with which a venue opens its private stream by a listen key. */
export interface ListenKeyFixture {
  readonly listenKey: string;
  readonly fetchListenKey: Route;
  readonly getListenKeyRefused: Route;
  readonly pingListenKey: Route;
  readonly pingListenKeyRefused: Route;
  /** The frame that says that the key has ended. */
  readonly expiredEvent?: unknown;
}

/** Request and answer with which a venue tells its time. */
export interface ServerTimeFixture {
  /** The body holds `{nowMs}` in the venue's format. */
  readonly serverTime: Route;
  readonly serverTimeRefused: Route;
  /** Answer to a signed request of `restingRoutes` that is refused for its time. */
  readonly timestampRefused: Route;
}

/**
 * Lists in which a row that cannot be read stands beside a good one; it names nothing that is the connector's. The good
 * ones are the order of the placeholders, its part fill, the first of `expectedPositions` and 2000 of the quote asset.
 */
export interface UnreadableRowsFixture {
  readonly openOrders: Routes;
  readonly fills: Routes;
  readonly positions: Routes;
  readonly balances: Routes;
  /** Private frames, of which one row cannot be read; they tell the part fill of the order. */
  readonly frames: readonly unknown[];
}
