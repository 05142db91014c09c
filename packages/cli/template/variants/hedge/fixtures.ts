import { type PerpetualConnectorFixtures, paste, type Route } from "../../../../../src/testing/kit/index.ts";

export const notOffered = {
  // <not-offered-modes>
  configurePositionModeOfMarketResponse: "The position mode is that of the whole account.",
  // </not-offered-modes>
};

export const position = {
  // <position-side>
  positionSide: "both",
  // </position-side>
};

export const routesBy = (get: (path: string, payload: unknown) => Route) => [
  // <position-mode-route>
  get("/v1/position-mode", { mode: "one_way" }),
  // </position-mode-route>
];

export const modes: Pick<PerpetualConnectorFixtures, "expectedSupportedPositionModes"> = {
  // <position-modes>
  expectedSupportedPositionModes: ["oneWay", "hedge"],
  // </position-modes>
};

export const pasted = {
  // <hedge-positions>
  hedgePositionsRequestMockResponse: paste(
    "positions of both sides of tradingPair, in hedge mode [account: balances, positions, fees, settings]",
  ),
  expectedHedgePositions: paste("what these are [account: balances, positions, fees, settings]"),
  setLeverageRequestInHedgeMode: paste(
    "the request that sets the leverage in hedge mode, also where it is the same [account: leverage]",
  ),
  // </hedge-positions>
  // <position-mode>
  setPositionModeRequest: paste(
    "the request that sets the {positionMode} [account: balances, positions, fees, settings]",
  ),
  configureSuccessfulSetPositionMode: paste("its answer [account: balances, positions, fees, settings]"),
  configureFailedSetPositionMode: paste("how it is refused [account: balances, positions, fees, settings]"),
  configurePositionModeResponse: paste(
    "how the venue tells the {positionMode} [account: balances, positions, fees, settings]",
  ),
  // </position-mode>
};
