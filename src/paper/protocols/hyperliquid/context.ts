import type { Countdowns } from "../countdowns.ts";
import type { MatchingTurns } from "../matching-turns.ts";
import type { OrderIntake } from "../order-intake.ts";
import type { ProtocolParts } from "../protocol-parts.ts";
import type { AccountFacts } from "./account-facts.ts";
import type { AddressBook } from "./address-book.ts";
import type { Books } from "./books.ts";
import type { Firings } from "./firings.ts";
import type { WireIds } from "./ids.ts";
import type { NonceBook } from "./nonces.ts";
import type { OrderDetails } from "./orders.ts";
import type { RateLimiter } from "./rate-limit.ts";
import type { TriggerDesk } from "./triggers.ts";
import type { Universe } from "./universe.ts";

/** Context from which requests and channels answer. */
export interface HyperliquidContext extends ProtocolParts {
  readonly addresses: AddressBook;
  readonly nonces: NonceBook;
  readonly universe: Universe;
  readonly limiter: RateLimiter;
  readonly orders: OrderIntake<number>;
  readonly turns: MatchingTurns;
  /** Details, by `oid`, that the engine does not keep of an order that came over this protocol. */
  readonly details: Map<number, OrderDetails>;
  readonly triggers: TriggerDesk;
  readonly facts: AccountFacts;
  readonly books: Books;
  readonly countdowns: Countdowns;
  readonly firings: Firings;
  readonly ids: WireIds;
}
