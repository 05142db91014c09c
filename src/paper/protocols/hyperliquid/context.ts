import type { Command, Engine, EngineConfig, EngineEvent } from "../../engine/types.ts";
import type { AccountDirectory } from "../accounts.ts";
import type { Countdowns } from "../countdowns.ts";
import type { MarketStatistics } from "../market-statistics.ts";
import type { MatchingTurns } from "../matching-turns.ts";
import type { OrderIntake } from "../order-intake.ts";
import type { ProtocolFaults } from "../paper-protocol.ts";
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
export interface HyperliquidContext {
  readonly engine: Engine;
  readonly config: Pick<EngineConfig, "makerFee" | "takerFee" | "fundingDivisor">;
  readonly faults: ProtocolFaults;
  readonly accounts: AccountDirectory;
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
  readonly statistics: MarketStatistics;
  readonly countdowns: Countdowns;
  readonly firings: Firings;
  readonly ids: WireIds;
  /** Executes at once and tells every client. */
  execute(command: Command): readonly EngineEvent[];
  /** The venue's time, epoch milliseconds; it never goes back. */
  now(): number;
}
