import type { PerpetualConnectorFixtures } from "./fixtures.ts";
import { createKit } from "./register.ts";
import type { TestRunner } from "./runner.ts";
import { amendTests } from "./sections/amends.ts";
import { authTests } from "./sections/auth.ts";
import { batchTests } from "./sections/batches.ts";
import { bookWireTests } from "./sections/book-wire.ts";
import { cashFlowTests } from "./sections/cash-flows.ts";
import { channelTests } from "./sections/channels.ts";
import { continuityTests } from "./sections/continuity.ts";
import { contractSizeTests } from "./sections/contract-sizes.ts";
import { deadManSwitchTests } from "./sections/dead-man-switch.ts";
import { declarationTests } from "./sections/declaration.ts";
import { errorTests } from "./sections/errors.ts";
import { exchangeTests } from "./sections/exchange.ts";
import { forcedTradeTests } from "./sections/forced-trades.ts";
import { fundingInfoTests } from "./sections/funding-info.ts";
import { fundingPaymentTests } from "./sections/funding-payments.ts";
import { historyTests } from "./sections/history.ts";
import { leftOutTests } from "./sections/left-out.ts";
import { orderBookDataSourceTests } from "./sections/order-book-data-source.ts";
import { orderSocketTests } from "./sections/order-sockets.ts";
import { orderUpdateTests } from "./sections/order-updates.ts";
import { positionModeTests } from "./sections/position-mode.ts";
import { privateChannelTests } from "./sections/private-channels.ts";
import { requestTests } from "./sections/requests.ts";
import { runningTests } from "./sections/running.ts";
import { timeSynchronizerTests } from "./sections/time-synchronizer.ts";
import { timeTests } from "./sections/times.ts";
import { trackingTests } from "./sections/tracking.ts";
import { unknownOutcomeTests } from "./sections/unknown-outcomes.ts";
import { unreadableRowTests } from "./sections/unreadable-rows.ts";
import { userStreamDataSourceTests } from "./sections/user-stream-data-source.ts";
import { venueWordTests } from "./sections/venue-words.ts";
import { withdrawnIntentTests } from "./sections/withdrawn-intents.ts";

/**
 * Registers every test that a connector to a perpetual venue must pass, in the checklist's order and then what goes
 * beyond it. A test whose fixture is still a `paste(...)` is registered as `todo`; one that is about something in
 * `notOffered` is left out. Each test plays in virtual time against a scripted venue: no network, no sleeping.
 */
export function describePerpetualConnector(fixtures: PerpetualConnectorFixtures, runner: TestRunner): void {
  const kit = createKit(fixtures, runner);
  kit.describe(fixtures.connectorName, () => {
    orderBookDataSourceTests(kit);
    bookWireTests(kit);
    requestTests(kit);
    authTests(kit);
    userStreamDataSourceTests(kit);
    exchangeTests(kit);
    runningTests(kit);
    timeSynchronizerTests(kit);
    orderUpdateTests(kit);
    positionModeTests(kit);
    fundingInfoTests(kit);
    fundingPaymentTests(kit);
    historyTests(kit);
    continuityTests(kit);
    unknownOutcomeTests(kit);
    trackingTests(kit);
    venueWordTests(kit);
    amendTests(kit);
    withdrawnIntentTests(kit);
    batchTests(kit);
    orderSocketTests(kit);
    deadManSwitchTests(kit);
    cashFlowTests(kit);
    channelTests(kit);
    privateChannelTests(kit);
    unreadableRowTests(kit);
    forcedTradeTests(kit);
    timeTests(kit);
    contractSizeTests(kit);
    errorTests(kit);
    leftOutTests(kit);
    declarationTests(kit);
  });
}
