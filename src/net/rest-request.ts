export type QueryValue = string | number | boolean | undefined;

/** Requests of a lane wait for those of a better one: cancels before creates before snapshots of books before polls. */
export type Lane = "cancel" | "create" | "book" | "poll";

/** Tells that requests of a lane change nothing at the venue. */
export const isQuestion = (lane: Lane): boolean => lane === "book" || lane === "poll";

/** A REST request in the venue's terms. `path` is relative to the base URL of its visibility. */
export interface RestRequest {
  readonly method: "GET" | "POST" | "PUT" | "PATCH" | "DELETE";
  readonly path: string;
  /** Parameters in the order in which they are sent; undefined values are left out. */
  readonly params?: Readonly<Record<string, QueryValue>> | undefined;
  /** Sent as a JSON body. */
  readonly data?: unknown;
  /** Data of the same request over a socket that takes orders, where it differs from `data` (OKX). */
  readonly socketData?: unknown;
  /** Sent as a form body, for venues that want one. */
  readonly form?: Readonly<Record<string, QueryValue>> | undefined;
  /**
   * True where a request that is no GET changes nothing at the venue: it may be shared with others that ask the same.
   */
  readonly isQuestion?: boolean | undefined;
  /**
   * Greatest age, in milliseconds, of an answer that is used again. For costly questions whose answer seldom changes.
   * Default: each question is sent.
   */
  readonly freshForMs?: number | undefined;
  /** True where its change may be in remembered answers: all are asked for anew. */
  readonly outdatesAnswers?: boolean | undefined;
  readonly isAuthRequired: boolean;
  /** The rate limit to count against. */
  readonly limitId: string;
  readonly lane?: Lane | undefined;
  /** Weight in that limit, where one request counts as several. Default: the limit's own weight. */
  readonly weight?: number | undefined;
  readonly timeoutMs?: number | undefined;
}
