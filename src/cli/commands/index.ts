import type { Command } from "commander";
import type { Cli } from "../cli.ts";
import { registerBalance, registerOrders, registerPositions } from "./account.ts";
import { registerBook } from "./book.ts";
import { registerCancel, registerCancelAll } from "./cancel.ts";
import { registerDemo } from "./demo.ts";
import { registerMarkets } from "./markets.ts";
import { registerBuy, registerSell } from "./order.ts";
import { registerReplay } from "./replay.ts";
import { registerStatus } from "./status.ts";
import { registerTicker } from "./ticker.ts";
import { registerVenue } from "./venue.ts";

/** Every subcommand, in the order of the help. */
export const COMMANDS: readonly ((program: Command, cli: Cli) => void)[] = [
  registerDemo,
  registerVenue,
  registerMarkets,
  registerTicker,
  registerBook,
  registerBalance,
  registerPositions,
  registerOrders,
  registerBuy,
  registerSell,
  registerCancel,
  registerCancelAll,
  registerStatus,
  registerReplay,
];
