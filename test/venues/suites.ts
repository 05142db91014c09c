import type { ChecklistVenue } from "../../src/testing/seed-items.ts";
import type { VenueSuite } from "../support/connector-tests/all.ts";
import * as binance from "./binance/answers.ts";
import { binanceFixtures } from "./binance/fixtures.ts";
import * as bybit from "./bybit/answers.ts";
import { bybitFixtures } from "./bybit/fixtures.ts";
import { ftxFixtures } from "./ftx/fixtures.ts";
import { listenKeyFixtures, serverTimeFixtures } from "./ftx/variants.ts";

/** What the generic tests of a connector are given for each venue. */
export const SUITES: Readonly<Record<ChecklistVenue, VenueSuite>> = {
  ftx_perpetual: { fixtures: ftxFixtures, listenKeys: listenKeyFixtures, serverTimes: serverTimeFixtures },
  bybit_perpetual: { fixtures: bybitFixtures, serverTimes: bybit.serverTimeFixtures },
  binance_perpetual: {
    fixtures: binanceFixtures,
    listenKeys: binance.listenKeyFixtures,
    serverTimes: binance.serverTimeFixtures,
  },
};
