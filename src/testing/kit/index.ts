export type { AbilityFixtures, ExpectedCashFlow, OrderFrameVector, OrderSocketFixture } from "./ability-fixtures.ts";
export type {
  AuthFixture,
  AuthVector,
  ErrorRow,
  ExpectedBook,
  ExpectedPosition,
  HistoryList,
  ListenKeyFixture,
  PagedFixture,
  RequestChanges,
  RequestShape,
  Route,
  Routes,
  ServerTimeFixture,
  SocketAnswer,
  SocketFixture,
  UnreadableRowsFixture,
} from "./fixture-shapes.ts";
export { ABILITIES, type Ability, type FixtureName, type PerpetualConnectorFixtures } from "./fixtures.ts";
export { type Fixture, type Paste, paste } from "./paste.ts";
export { describePerpetualConnector } from "./perpetual-connector.ts";
export { type InProcessOptions, runInProcess, type TestResult, type TestRunner } from "./runner.ts";
export { repeated } from "./template.ts";
