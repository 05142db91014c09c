// Loaded here so that no lazy import makes virtual time wait for the disk.
import "../../packages/cli/src/conformance/conformance.ts";
import "../../src/connector/perpetual-connector.ts";
import "../../src/paper/index.ts";
import "cli-table3";
import "pino";
import "yaml";
import "zod";
import type { RowResult } from "../../packages/cli/src/conformance/row.ts";
import { ROWS } from "../../packages/cli/src/conformance/rows.ts";
import { type ConformanceResult, type RunOptions, runConformance } from "../../packages/cli/src/conformance/run.ts";
import { startPaperVenue, type VenueUnderTest } from "../../packages/cli/src/conformance/venue-under-test.ts";
import { createConnector } from "../../src/connect.ts";
import type { PerpetualVenue, VenueModule } from "../../src/connector/perpetual-venue.ts";
import { Decimal } from "../../src/model/decimal.ts";
import type { PositionMode } from "../../src/model/order.ts";
import { PROTOCOL_NAMES } from "../../src/paper/index.ts";
import { CONNECTOR_NAMES, loadVenue } from "../../src/registry.ts";
import { SILENT_LOGGER } from "../../src/runtime/logger.ts";
import { SimulatedWorld } from "../../src/runtime/simulated.ts";
import type { VenueTruth } from "../../src/simulation/venue-truth.ts";

/** Every connector whose protocol the paper venue speaks, whatever connectors there are. */
export const PAPER_CONNECTORS = CONNECTOR_NAMES.filter((name) =>
  PROTOCOL_NAMES.some((api) => name === `${api}_perpetual`),
);
// Loaded as well, for the same reason.
for (const name of PAPER_CONNECTORS) await loadVenue(name);

/** A venue as its module makes it, with something wrong in it. */
export async function brokenModule(
  name: string,
  breakIt: (venue: PerpetualVenue) => Partial<PerpetualVenue>,
): Promise<VenueModule> {
  const { module } = await loadVenue(name);
  return {
    ...module,
    createVenue: (options) => {
      const venue = module.createVenue(options);
      return { ...venue, ...breakIt(venue) };
    },
  };
}

function truthOf({ control }: VenueUnderTest): Promise<VenueTruth> {
  if (control === undefined) throw new Error("a paper venue has a control API");
  return control.truth();
}

export interface SimulatedRun extends ConformanceResult {
  row(id: string): RowResult | undefined;
  /** What the venue itself knows of the account afterwards. */
  readonly truth: VenueTruth;
  readonly positionMode: PositionMode;
}

type SimulateOptions = Partial<Pick<RunOptions, "connector" | "rows" | "maxNotional" | "stop" | "onRow">> & {
  readonly seed?: number;
};

/** A whole run in virtual time, against a paper venue of its own. */
export async function simulateRun(name: string, { seed = 7, ...options }: SimulateOptions = {}): Promise<SimulatedRun> {
  const world = new SimulatedWorld({ seed });
  const { manifest, capabilities } = (await loadVenue(name)).module;
  const runtime = world.runtime("main");
  const paper = { seed, fundingIntervalMs: 5_000 };
  const venue = await world.run(startPaperVenue(world.runtime("venue"), manifest, paper));
  const result = await world.run(
    runConformance({
      ...{ runtime, manifest, capabilities, venue, logger: SILENT_LOGGER },
      connector: name,
      rows: ROWS,
      tradingPair: manifest.exampleTradingPair,
      maxNotional: new Decimal("50000"),
      journalPath: "/data/conformance.journal",
      readyTimeoutMs: 30_000,
      stop: new AbortController().signal,
      ...options,
    }),
  );
  const truth = await world.run(truthOf(venue));
  const { credentials, restUrl, webSocketUrl } = venue;
  const tradingPairs = [manifest.exampleTradingPair];
  const look = await world.run(createConnector(name, { credentials, restUrl, webSocketUrl, runtime, tradingPairs }));
  await world.run(look.start());
  const { positionMode } = look;
  await world.run(look.stop());
  await world.run(venue.stop());
  return { ...result, truth, positionMode, row: (id) => result.results.find(({ row }) => row.id === id) };
}
