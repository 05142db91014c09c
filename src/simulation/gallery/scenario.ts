import type { BoxConnector } from "../box-protocols.ts";
import type { WorldOptions } from "../world.ts";
import type { Check } from "./check.ts";
import type { Stage } from "./stage.ts";

/** A bug that another project told of in public, as something that happens in a world. */
export interface Scenario {
  /** As on the command line, for example `dns-outage`. */
  readonly name: string;
  /** As people write it, for example `hummingbot#8457`. */
  readonly issue: string;
  readonly url: string;
  readonly title: string;
  /** What happened to them. */
  readonly story: string;
  /** What their program did. */
  readonly original: string;
  /** What Perpwire does not do about it. */
  readonly limits?: string;
  /** Whose protocols it is played on. */
  readonly connectors: readonly BoxConnector[];
  /** Options of the box; its books are empty unless told. */
  readonly venue?: WorldOptions["venue"];
  /** Makes it happen and measures. Checks are put on the stage. */
  play(stage: Stage): Promise<void>;
}

/** How a scenario went on one venue. */
export interface Played {
  readonly scenario: Scenario;
  readonly connector: BoxConnector;
  readonly checks: readonly Check[];
  readonly simulatedMs: number;
  /** Of everything that happened: equal for two plays. */
  readonly hash: string;
  /** What ended the play before its end. */
  readonly error: string | undefined;
  /** No error, and all checks hold. */
  readonly holds: boolean;
}

export const ALL_CONNECTORS = ["ftx_perpetual", "bybit_perpetual", "binance_perpetual", "okx_perpetual"] as const;
/** Those that know a position mode with two legs. */
export const HEDGING_CONNECTORS = ["bybit_perpetual", "binance_perpetual", "okx_perpetual"] as const;
