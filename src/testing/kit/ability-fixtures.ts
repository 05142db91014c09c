import type { CashFlow } from "../../model/cash-flow.ts";
import type { Credentials } from "../../net/auth.ts";
import type { RequestShape, Routes, SocketAnswer } from "./fixture-shapes.ts";
import type { Fixture } from "./paste.ts";

/** Commands that may go over the socket beside the creation of one order. */
export type SocketCommand = "amend" | "cancel" | "batchCreate" | "batchCancel";

/** Orders over a socket: the message of an order, and what the socket sends. */
export interface OrderSocketFixture {
  /** Answers to a login, where the connection is logged in first by another frame than that of the private stream. */
  readonly login?: readonly SocketAnswer[] | undefined;
  /** The message of `orderCreationRequest`'s order; `"*"` within a text stands for anything. */
  readonly message: unknown;
  /** Place of the time in milliseconds at which the message is made, where it has one: `params.timestamp`. */
  readonly time?: string | undefined;
  /** Answers to that message: the order is taken, refused, or nobody knows what became of it. */
  readonly accepted: readonly SocketAnswer[];
  readonly refused: readonly SocketAnswer[];
  readonly unsure: readonly SocketAnswer[];
  /**
   * Messages of the other commands that the venue has, in the form of `message`, or `"rest"`: an amend of the price alone
   * (`{price}` is the new one), a cancel, and the two of `batchCreationRequest` and `batchCancelationRequest`.
   */
  readonly commands: Readonly<Partial<Record<SocketCommand, unknown>>>;
}

/** A message of an order with its signature, which is known from elsewhere. */
export interface OrderFrameVector {
  /** Default: `credentials` of the fixtures. */
  readonly credentials?: Credentials | undefined;
  readonly nowMs: number;
  /** Before it is signed. */
  readonly message: unknown;
  readonly expected: unknown;
}

/** A posting as `fetchCashFlows` tells it, its amount as text. */
export type ExpectedCashFlow = Omit<CashFlow, "amount" | "cashFlowId"> & { readonly amount: string };

/** Fixtures of what a venue may have beyond the checklist. Each is needed where the venue implements the thing. */
export interface AbilityFixtures {
  // ---- native batches: placeholders are of the first order; those of the second begin with `other.` -----------------
  /** Two limit orders, good till canceled, that open a position: the first is `orderCreationRequest`'s. */
  readonly batchCreationRequest?: Fixture<RequestShape>;
  /** The first is taken, the second refused. */
  readonly configureOneSuccessfulOneErroneousBatchCreationResponse?: Fixture<Routes>;
  /** The first is taken; of the second the venue does not know what became of it. */
  readonly configureOneSuccessfulOneUnsureBatchCreationResponse?: Fixture<Routes>;
  /** Cancels of both, which `configureOneSuccessfulOneErroneousCancelAllResponse` answers. */
  readonly batchCancelationRequest?: Fixture<RequestShape>;

  // ---- dead-man switch: `{timeoutMs}`, `{timeoutSeconds}`, and the time after it by the venue's clock, `{cancelAtMs}` --
  readonly cancelAllAfterRequest?: Fixture<RequestShape>;
  /** The request that switches it off. */
  readonly cancelAllAfterOffRequest?: Fixture<RequestShape>;
  readonly configureSuccessfulCancelAllAfterResponse?: Fixture<Routes>;
  readonly configureFailedCancelAllAfterResponse?: Fixture<Routes>;

  // ---- postings to the account's cash -------------------------------------------------------------------------------
  /** Profit, a fee and funding of `tradingPair`, and a posting that is no cash flow: a transfer, a conversion. */
  readonly cashFlowsMockResponse?: Fixture<Routes>;
  /** Cash flows in it, of different times; those of one moment in any order. */
  readonly expectedCashFlows?: Fixture<readonly ExpectedCashFlow[]>;

  // ---- orders over a socket -----------------------------------------------------------------------------------------
  readonly orderSocket?: Fixture<OrderSocketFixture>;
  /** Only where the authenticator signs each message of an order. */
  readonly orderFrameVector?: Fixture<OrderFrameVector>;
}
