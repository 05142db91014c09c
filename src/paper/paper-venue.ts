import type { PaperTruth } from "./control.ts";
import type { Command, Engine, EngineEvent } from "./engine/types.ts";
import type { FaultPolicy } from "./fault-policy.ts";
import type { ProtocolUrls } from "./protocols/paper-protocol.ts";
import type { AnyProtocolName, ProtocolName } from "./protocols/protocol-names.ts";
import type { PaperTrader } from "./trader.ts";

/** A running paper venue. All amounts of its engine are bigints in 1e-8. */
export interface PaperVenue {
  /** REST URL of the first protocol: `http://host:port/api` for FTX. */
  readonly rest: string;
  /** WebSocket URL of the first protocol: `ws://host:port/ws` for FTX. */
  readonly ws: string;
  /** URLs of each protocol that the venue speaks. */
  readonly urls: Readonly<Partial<Record<ProtocolName, ProtocolUrls>>>;
  /** The base of the control API: `http://host:port/paper`; see `answerControl`. */
  readonly control: string;
  readonly host: string;
  readonly port: number;
  /** API key of the first account. */
  readonly apiKey: string;
  readonly apiSecret: string;
  /** Passphrase for OKX; the other protocols have none. */
  readonly passphrase: string;
  /**
   * Credentials for a client of a protocol (by default the first one) and a key (by default that of the first account).
   * They have the names that its connector uses, `apiKey`, `apiSecret` and `passphrase` on most. Throws `ConfigError`
   * for a protocol that the venue does not speak and a key that it does not have.
   */
  credentials(api?: AnyProtocolName, apiKey?: string): Readonly<Record<string, string>>;
  /** The engine's name of the first account. */
  readonly accountId: string;
  /** True state of the venue, for reading only. Commands go through `execute`. */
  readonly engine: Engine;
  readonly faults: FaultPolicy;
  /** Another user, to trade against. */
  readonly trader: PaperTrader;
  /** The venue's time, epoch milliseconds; it never goes back. */
  now(): number;
  /** Does something as anybody, at once; clients hear of it. */
  execute(command: Command): readonly EngineEvent[];
  /** Calls back after each command that the engine has done, whoever gave it, with what happened. Returns what ends it. */
  observe(listener: (events: readonly EngineEvent[]) => void): () => void;
  /**
   * Moves a market, by its engine name, to a price: index, makers' quotes and mark; then whoever is below maintenance
   * margin is liquidated. Where nobody quotes, mark is index. Throws `ConfigError`.
   */
  setPrice(market: string, price: bigint): void;
  /**
   * Takes a market, by its engine name, off the venue for good: its orders are canceled, its positions closed at mark
   * without a fee, lists no longer name it and requests for it are refused. Throws `ConfigError`.
   */
  delist(market: string): void;
  /** Changes the step of a market's prices, in 1e-8; open orders stay where they are. Throws `ConfigError`. */
  changeTick(market: string, tick: bigint): void;
  /** Lets a market take no orders and no amends until `resume`; cancels and funding go on. Throws `ConfigError`. */
  halt(market: string): void;
  resume(market: string): void;
  /**
   * True record of an account, the first one by default, in the ids of a protocol, the first one by default. Throws
   * `ConfigError` when the account or the protocol is not found.
   */
  truth(accountId?: string, api?: AnyProtocolName): PaperTruth;
  /** Drops all connections, refuses new ones for `downMs` (500 by default) and comes back with all it knew. */
  restart(downMs?: number): Promise<void>;
  stop(): Promise<void>;
  [Symbol.asyncDispose](): Promise<void>;
}
