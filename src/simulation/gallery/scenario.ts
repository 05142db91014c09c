import type { BoxConnector } from "../box-protocols.ts";
import type { WorldOptions } from "../world.ts";
import type { Check } from "./check.ts";
import type { Stage } from "./stage.ts";

/** A bug that another project told of in public, as something that happens in a world. */
export interface Scenario {
  /** Name on the command line, for example `dns-outage`. */
  readonly name: string;
  /** Thread as people cite it, for example `hummingbot#8457`. */
  readonly issue: string;
  readonly url: string;
  readonly title: string;
  /** Account of what happened to them. */
  readonly story: string;
  /** Behaviour of their program. */
  readonly original: string;
  /** Limits of Perpwire's answer to it. */
  readonly limits?: string;
  /** Connectors whose protocols it is played on. */
  readonly connectors: readonly BoxConnector[];
  /** Options of the box; its books are empty by default. */
  readonly venue?: WorldOptions["venue"];
  /** Makes it happen and measures. Checks are put on the stage. */
  play(stage: Stage): Promise<void>;
}

/** Result of a scenario on one venue. */
export interface Played {
  readonly scenario: Scenario;
  readonly connector: BoxConnector;
  readonly checks: readonly Check[];
  readonly simulatedMs: number;
  /** Hash of everything that happened: equal for two plays. */
  readonly hash: string;
  /** Error that ended the play early. */
  readonly error: string | undefined;
  /** No error, and all checks hold. */
  readonly holds: boolean;
}

export const ALL_CONNECTORS = [
  "ftx_perpetual",
  "bybit_perpetual",
  "binance_perpetual",
  "okx_perpetual",
  "gate_io_perpetual",
  "hyperliquid_perpetual",
] as const;
/** Connectors whose messages are changes of a book, not whole books. */
export const DIFF_CONNECTORS = ALL_CONNECTORS.filter((connector) => connector !== "hyperliquid_perpetual");
/** Connectors that have a position mode with two legs. */
export const HEDGING_CONNECTORS = [
  "bybit_perpetual",
  "binance_perpetual",
  "okx_perpetual",
  "gate_io_perpetual",
] as const;
