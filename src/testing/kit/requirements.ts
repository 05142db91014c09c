import type { PerpetualVenue } from "../../connector/perpetual-venue.ts";
import { snapshotSourceOf } from "../../market-data/continuity.ts";
import type { FixtureName, PerpetualConnectorFixtures } from "./fixtures.ts";

/** Says what proves that a venue has the thing; undefined where it has not. */
type Proof = (venue: PerpetualVenue, fixtures: PerpetualConnectorFixtures) => unknown;

interface Requirement {
  readonly names: readonly FixtureName[];
  /** Clause: "the venue ... ". */
  readonly because: string;
  readonly isSo: Proof;
}

const always = (): boolean => true;
const isJoinedOverRest: Proof = ({ manifest: { continuity } }) =>
  continuity.kind !== "snapshots" && snapshotSourceOf(continuity) === "rest";

/**
 * Fixtures that an author may leave out only where the venue does not have the thing: a mistake in what has no fixture goes
 * unnoticed.
 */
const REQUIREMENTS: readonly Requirement[] = [
  {
    names: ["clientOrderIdPattern"],
    because: "every venue says which client order ids it takes",
    isSo: ({ manifest }) => manifest.clientOrderId.kind !== "none",
  },
  {
    names: ["orderStatusRequestByClientOrderId"],
    because: "the manifest says that an order can be asked for by its client order id",
    isSo: ({ manifest: { clientOrderId } }) => clientOrderId.isQueryable && clientOrderId.kind !== "none",
  },
  {
    names: ["liquidationEvents", "configureLiquidationResponse", "expectedLiquidation"],
    because:
      "every venue of perpetuals liquidates, and its manifest's `notOffered` does not tell users that nobody hears of it (`LIQUIDATIONS`)",
    isSo: ({ manifest }) => manifest.notOffered.LIQUIDATIONS === undefined,
  },
  {
    names: ["deleveragingEvents", "configureDeleveragingResponse", "expectedDeleveraging"],
    because: "the manifest's `notOffered` does not tell users that nobody hears of it (`AUTO-DELEVERAGING`)",
    isSo: ({ manifest }) => manifest.notOffered["AUTO-DELEVERAGING"] === undefined,
  },
  {
    names: ["fillPages", "fundingPaymentPages"],
    because: "no venue lists years of an account's past in one answer",
    isSo: always,
  },
  { names: ["unreadableRows"], because: "a row that cannot be read may come in any list", isSo: always },
  {
    names: [
      "hedgePositionsRequestMockResponse",
      "expectedHedgePositions",
      "setLeverageRequestInHedgeMode",
      "setPositionModeRequest",
      "configureSuccessfulSetPositionMode",
      "configureFailedSetPositionMode",
      "configurePositionModeResponse",
    ],
    because: "the manifest's `positionModes` has hedge mode",
    isSo: ({ manifest }) => manifest.positionModes.includes("hedge"),
  },
  {
    names: ["amendRequest", "amendAmountRequest", "configureSuccessfulAmendResponse", "configureRefusedAmendResponse"],
    because: "the derivative has an `amendOrder`",
    isSo: ({ derivative }) => derivative.amendOrder,
  },
  {
    names: [
      "orderEventForAmendedOrderWebsocketUpdate",
      "configureAmendedOrderStatusResponse",
      "isAmendRequestExecutedSynchronouslyByServer",
    ],
    because: "the derivative has an `amendOrder`, and the manifest's `amendStyle` does not say that it replaces orders",
    isSo: ({ derivative, manifest }) => derivative.amendOrder !== undefined && manifest.amendStyle !== "replace",
  },
  {
    names: ["batchCreationRequest", "configureOneSuccessfulOneErroneousBatchCreationResponse"],
    because: "the derivative has a `placeOrders`",
    isSo: ({ derivative }) => derivative.placeOrders,
  },
  {
    names: ["batchCancelationRequest"],
    because: "the derivative has a `placeCancels`",
    isSo: ({ derivative }) => derivative.placeCancels,
  },
  {
    names: [
      "cancelAllAfterRequest",
      "cancelAllAfterOffRequest",
      "configureSuccessfulCancelAllAfterResponse",
      "configureFailedCancelAllAfterResponse",
    ],
    because: "the derivative has a `cancelAllAfter`",
    isSo: ({ derivative }) => derivative.cancelAllAfter,
  },
  {
    names: ["cashFlowsMockResponse", "expectedCashFlows"],
    because: "the derivative has a `fetchCashFlows`",
    isSo: ({ derivative }) => derivative.fetchCashFlows,
  },
  {
    names: ["orderSocket"],
    because: "the venue has an `orderSocket`",
    isSo: ({ orderSocket }) => orderSocket,
  },
  {
    names: ["orderFrameVector"],
    because: "the authenticator has a `signOrderFrame`",
    isSo: (venue, { credentials, startMs }) =>
      venue.createAuthenticator(credentials, { now: () => startMs }).signOrderFrame,
  },
  {
    names: ["positionEventForFullFillWebsocketUpdate"],
    because: "the manifest says that a private channel carries positions",
    isSo: ({ manifest }) => manifest.userStream.carriesPositions,
  },
  {
    names: ["balanceEventWebsocketUpdate", "expectedBalanceEvent"],
    because: "the manifest says that a private channel carries balances",
    isSo: ({ manifest }) => manifest.userStream.carriesBalances,
  },
  {
    names: ["fundingInfoEvent", "fundingInfoEventForWebsocketUpdate", "malformedFundingInfoEvent"],
    because: "the manifest says that funding info comes on the stream",
    isSo: ({ manifest }) => manifest.fundingInfo.source === "stream",
  },
  {
    names: ["orderBookSnapshotEvent"],
    because: "the manifest's continuity rule has its snapshots on the stream",
    isSo: ({ manifest }) => snapshotSourceOf(manifest.continuity) === "stream",
  },
  {
    names: ["orderBookDiffEvents", "malformedDiffEvent"],
    because: "the manifest's continuity rule is one of changes",
    isSo: ({ manifest }) => manifest.continuity.kind !== "snapshots",
  },
  {
    names: ["orderBookSnapshotEvents"],
    because: "the manifest's continuity rule is one of whole books",
    isSo: ({ manifest }) => manifest.continuity.kind === "snapshots",
  },
  {
    names: ["orderBookSnapshotAfterDiffsMockResponse"],
    because: "the manifest's continuity rule has its snapshots over REST",
    isSo: isJoinedOverRest,
  },
  {
    names: ["socketThatRefusesTrades"],
    because: "the order book data source has a `subscriptionAnswer`",
    isSo: ({ orderBookDataSource }) => orderBookDataSource.subscriptionAnswer,
  },
  {
    names: ["socketThatRefusesPrivateChannel"],
    because: "the user stream data source has `channels` and a `subscriptionAnswer`",
    isSo: ({ userStreamDataSource: { channels, subscriptionAnswer } }) => channels && subscriptionAnswer,
  },
  {
    names: ["listenKey"],
    because: "the user stream data source has a `listenKey`",
    isSo: ({ userStreamDataSource }) => userStreamDataSource.listenKey,
  },
  {
    names: ["serverTime"],
    because: "the manifest says that the venue tells its time",
    isSo: ({ manifest }) => manifest.hasServerTime,
  },
  {
    names: ["wsAuthVector"],
    because: "the authenticator makes a login",
    isSo: (venue, { credentials, startMs }) =>
      venue.createAuthenticator(credentials, { now: () => startMs }).wsAuthenticate(),
  },
];

/** Reasons why fixtures may not be left out, by their names. */
export async function requirementsOf(
  venue: PerpetualVenue,
  fixtures: PerpetualConnectorFixtures,
): Promise<ReadonlyMap<FixtureName, string>> {
  const required = new Map<FixtureName, string>();
  for (const { names, because, isSo } of REQUIREMENTS) {
    if (!(await isSo(venue, fixtures))) continue;
    for (const name of names) required.set(name, because);
  }
  return required;
}
