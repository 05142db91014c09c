import type { PaperVenueOptions } from "../../src/paper/index.ts";
import type { BoxConnector } from "../../src/simulation/box-protocols.ts";

/** What `perpwire venue --json` prints of where it is. */
export interface VenueLine {
  readonly rest: string;
  readonly ws: string;
  readonly control: string;
  readonly apiKey: string;
  readonly apiSecret: string;
  readonly passphrase?: string | undefined;
  /** What a client of each protocol is given. */
  readonly credentials: Readonly<Record<string, Readonly<Record<string, string>>>>;
}

/** What a process of the bot has to do; it comes in the environment, for a list of processes shows arguments. */
export interface BotTask {
  /** `trade`: until it is killed. `settle`: closes everything, compares, ends. `fill`: until its disk is full, and on. */
  readonly mode: "trade" | "settle" | "fill";
  readonly connector: BoxConnector;
  readonly venue: VenueLine;
  /** As the bot reaches the venue, through whatever stands between. */
  readonly restUrl: string;
  readonly webSocketUrl: string;
  readonly journalPath: string;
  /** Where what was told is written, a file a process. */
  readonly toldFolder: string;
  /** Where its history is written, a file a process; nowhere where absent. */
  readonly traceFolder?: string | undefined;
  /** When the run of all its processes began, epoch milliseconds. */
  readonly runStartMs: number;
  readonly life: number;
  readonly seed: number;
}

/** The last line of a process that settles. */
export interface BotVerdict {
  readonly differences: readonly string[];
  readonly orders: number;
  readonly fills: number;
  readonly fundingPayments: number;
  /** Of a full disk: what was refused and told while it was. */
  readonly refusedWhileFull?: string | undefined;
}

export const TASK_VARIABLE = "PERPWIRE_CRASH_TASK";

export const APIS: Readonly<Record<BoxConnector, PaperVenueOptions["api"]>> = {
  ftx_perpetual: "ftx",
  bybit_perpetual: "bybit",
  binance_perpetual: "binance",
  okx_perpetual: "okx",
  gate_io_perpetual: "gate_io",
  hyperliquid_perpetual: "hyperliquid",
};
