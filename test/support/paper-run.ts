import { type ConnectOptions, createConnector } from "../../src/connect.ts";
import type { PerpetualConnector } from "../../src/connector/perpetual-connector.ts";
import { createPaperVenue, type PaperVenue } from "../../src/paper/index.ts";
import { SimulatedWorld } from "../../src/runtime/simulated.ts";
import { RecordingLogger } from "../../src/testing/kit/recording.ts";

export const PAIR = "BTC-USD";

/** A connector in front of the exchange in the box, both in one simulated world. */
export interface PaperRun {
  readonly world: SimulatedWorld;
  readonly venue: PaperVenue;
  readonly logger: RecordingLogger;
  connector: PerpetualConnector;
}

/** A process on the same disk as those before it. */
export async function newProcess(
  run: Omit<PaperRun, "connector">,
  options: Partial<ConnectOptions> = {},
): Promise<PerpetualConnector> {
  const { world, venue, logger } = run;
  return world.run(
    createConnector("ftx_perpetual", {
      tradingPairs: [PAIR],
      credentials: { apiKey: venue.apiKey, apiSecret: venue.apiSecret },
      restUrl: venue.rest,
      webSocketUrl: venue.ws,
      runtime: world.runtime("connector"),
      journalPath: "journal.db",
      logger,
      ...options,
    }),
  );
}

export async function beginPaperRun(
  seed: number,
  options: Partial<Parameters<typeof createPaperVenue>[0]> = {},
  connectorOptions: Partial<ConnectOptions> = {},
): Promise<PaperRun> {
  const world = new SimulatedWorld({ seed });
  const logger = new RecordingLogger();
  const settings = { api: "ftx", seed, quiet: true, ...options } as const;
  const venue = await world.run(createPaperVenue(settings, world.runtime("venue")));
  const connector = await newProcess({ world, venue, logger }, connectorOptions);
  return { world, venue, logger, connector };
}

export async function ready(run: PaperRun): Promise<void> {
  await run.world.run(run.connector.start());
  await run.world.run(run.connector.waitUntilReady());
}

export async function end({ world, venue, connector }: PaperRun): Promise<void> {
  await world.run(connector.stop());
  await world.run(venue.stop());
}
