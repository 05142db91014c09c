import type { Command } from "commander";
import type { Cli } from "../cli.ts";
import { registerBalance, registerOrders, registerPositions } from "./account.ts";
import { registerAmend } from "./amend.ts";
import { registerBook } from "./book.ts";
import { registerCancel, registerCancelAll } from "./cancel.ts";
import { registerCheck } from "./check.ts";
import { registerChecklist } from "./checklist.ts";
import { registerConformance } from "./conformance.ts";
import { registerConnect } from "./connect.ts";
import { registerCreate } from "./create.ts";
import { registerDemo } from "./demo.ts";
import { registerFlatten } from "./flatten.ts";
import { registerFunding } from "./funding.ts";
import { registerGallery } from "./gallery.ts";
import { registerHistory } from "./history.ts";
import { registerMarkets } from "./markets.ts";
import { registerBuy, registerSell } from "./order.ts";
import { registerReplay } from "./replay.ts";
import { registerLeverage, registerPositionMode } from "./settings.ts";
import { registerSimulate } from "./simulate.ts";
import { registerStatus } from "./status.ts";
import { registerTicker } from "./ticker.ts";
import { registerVenue } from "./venue.ts";
import { registerWhy } from "./why.ts";

/** Every subcommand, in the order of the help. */
export const COMMANDS: readonly ((program: Command, cli: Cli) => void)[] = [
  registerDemo,
  registerVenue,
  registerConnect,
  registerConformance,
  registerMarkets,
  registerTicker,
  registerBook,
  registerFunding,
  registerBalance,
  registerPositions,
  registerOrders,
  registerHistory,
  registerWhy,
  registerLeverage,
  registerPositionMode,
  registerBuy,
  registerSell,
  registerAmend,
  registerCancel,
  registerCancelAll,
  registerFlatten,
  registerStatus,
  registerReplay,
  registerSimulate,
  registerCheck,
  registerGallery,
  registerChecklist,
  registerCreate,
];
