import type { ConnectorFixtures, ListenKeyFixtures, ServerTimeFixtures } from "../connector-fixtures.ts";
import { authTests } from "./auth.ts";
import { exchangeTests } from "./exchange.ts";
import type { TestApi } from "./kit.ts";
import { orderBookDataSourceTests } from "./order-book-data-source.ts";
import { orderUpdateTests } from "./order-updates.ts";
import { perpetualTests } from "./perpetual.ts";
import { timeSynchronizerTests } from "./time-synchronizer.ts";
import { listenKeyTests, userStreamTests } from "./user-stream-data-source.ts";

/** One venue for the generic tests: its wire, and what it has beyond a socket that it logs in on. */
export interface VenueSuite {
  readonly fixtures: ConnectorFixtures;
  readonly listenKeys?: ListenKeyFixtures | undefined;
  readonly serverTimes?: ServerTimeFixtures | undefined;
}

/** Registers every generic test of a connector for one venue. */
export function connectorTests({ fixtures, listenKeys, serverTimes }: VenueSuite, api: TestApi): void {
  const { connectorName } = fixtures;
  api.describe(connectorName, () => {
    orderBookDataSourceTests(fixtures, api);
    authTests(fixtures, api);
    userStreamTests(fixtures, api);
    exchangeTests(fixtures, api);
    perpetualTests(fixtures, api);
    orderUpdateTests(fixtures, api);
  });
  const titleOf = (ability: string, own: { readonly venue?: unknown }): string =>
    `${connectorName} with a ${ability}${own.venue === undefined ? "" : ", which it does not have itself"}`;
  if (listenKeys !== undefined) {
    api.describe(titleOf("listen key", listenKeys), () => listenKeyTests(fixtures, listenKeys, api));
  }
  if (serverTimes !== undefined) {
    api.describe(titleOf("server time", serverTimes), () => timeSynchronizerTests(fixtures, serverTimes, api));
  }
}
