// Loaded here so that no lazy import makes virtual time wait for the disk.
import "../../src/connect.ts";
import "../../src/connector/perpetual-connector.ts";
import "../../src/registry.ts";
import "../../src/venues/ftx/derivative.ts";
import "../../src/venues/binance/derivative.ts";
import "../../src/venues/bybit/derivative.ts";
import { type DemoOptions, type DemoResult, runDemo } from "../../packages/cli/src/demo/session.ts";
import { createPaperVenue, type PaperVenue } from "../../src/paper/index.ts";
import { SimulatedWorld } from "../../src/runtime/simulated.ts";
import { BOX_PROTOCOLS, type BoxConnector } from "../../src/simulation/box-protocols.ts";

export interface DemoRun {
  readonly world: SimulatedWorld;
  readonly result: DemoResult;
}

const placesOf = ({ rest, ws, control, apiKey, apiSecret }: PaperVenue) => ({ rest, ws, control, apiKey, apiSecret });

/** The whole demo in virtual time: connector and paper venue on two hosts of one simulated world. */
export async function simulateDemo(
  seed: number,
  options: Partial<DemoOptions> & { readonly connectorName?: BoxConnector } = {},
): Promise<DemoRun> {
  const world = new SimulatedWorld({ seed });
  const fundingIntervalMs = 5_000;
  const { connectorName = "ftx_perpetual" } = options;
  const { name: api } = BOX_PROTOCOLS[connectorName];
  const venue = await world.run(createPaperVenue({ api, seed, fundingIntervalMs }, world.runtime("venue")));
  const running = runDemo({
    runtime: world.runtime("main"),
    connectorName,
    isHedge: false,
    venue: { ...placesOf(venue), credentials: { [api]: venue.credentials() } },
    seed,
    durationMs: 30_000,
    fundingIntervalMs,
    isChaos: false,
    journalPath: "/data/demo.journal",
    stop: new AbortController().signal,
    abort: new AbortController().signal,
    ...options,
  });
  const result = await world.run(running);
  await world.run(venue.stop());
  return { world, result };
}
