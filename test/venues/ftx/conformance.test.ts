import { describe, it } from "vitest";
import { authTests } from "../../support/connector-tests/auth.ts";
import { exchangeTests } from "../../support/connector-tests/exchange.ts";
import { orderBookDataSourceTests } from "../../support/connector-tests/order-book-data-source.ts";
import { orderUpdateTests } from "../../support/connector-tests/order-updates.ts";
import { timeSynchronizerTests } from "../../support/connector-tests/time-synchronizer.ts";
import { listenKeyTests, userStreamTests } from "../../support/connector-tests/user-stream-data-source.ts";
import { ftxFixtures } from "./fixtures.ts";
import { listenKeyFixtures, serverTimeFixtures } from "./variants.ts";

const api = { describe, it };

describe("ftx_perpetual", () => {
  orderBookDataSourceTests(ftxFixtures, api);
  authTests(ftxFixtures, api);
  userStreamTests(ftxFixtures, api);
  exchangeTests(ftxFixtures, api);
  orderUpdateTests(ftxFixtures, api);
});

describe("ftx_perpetual with a listen key, which FTX did not have", () => {
  listenKeyTests(ftxFixtures, listenKeyFixtures, api);
});

describe("ftx_perpetual with a server time, which FTX did not have", () => {
  timeSynchronizerTests(ftxFixtures, serverTimeFixtures, api);
});
