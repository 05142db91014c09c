// Loaded here so that no lazy import makes virtual time wait for the disk.
import "../../packages/cli/src/recording.ts";
import "../../packages/cli/src/replay.ts";
import "../../src/connect.ts";
import "../../src/connector/perpetual-connector.ts";
import "../../src/registry.ts";
import "../../src/venues/ftx/derivative.ts";
import "../../src/venues/okx/derivative.ts";
import "cli-table3";
import "log-update";
import "pino";
import "yaml";
import "zod";
import { main } from "../../packages/cli/src/main.ts";
import { createPaperVenue, type PaperVenue, type PaperVenueOptions } from "../../src/paper/index.ts";
import { SimulatedWorld } from "../../src/runtime/simulated.ts";
import { FakeProcess } from "./fake-process.ts";

export interface RunOptions {
  readonly environment?: Record<string, string>;
  readonly isTerminal?: boolean;
  readonly isInputTerminal?: boolean;
  readonly isErrorTerminal?: boolean;
  /** Lines that are typed. */
  readonly input?: readonly string[];
  /** Called once the command runs, while time goes on. */
  readonly meanwhile?: (process: FakeProcess) => Promise<void>;
}

/** A paper venue in a simulated world, and the command run against it. */
export interface Bench {
  readonly world: SimulatedWorld;
  readonly venue: PaperVenue;
  readonly environment: Record<string, string>;
  /** Runs `perpwire <args>`, words apart by blanks. */
  run(args: string, options?: RunOptions): Promise<FakeProcess>;
  /** As `run`, while another command runs: time goes on by itself. */
  start(args: string): Promise<FakeProcess>;
  writeFile(path: string, text: string, mode?: number): Promise<void>;
}

export async function startBench(options: Partial<PaperVenueOptions> = {}): Promise<Bench> {
  const world = new SimulatedWorld({ seed: 1 });
  const venue = await world.run(
    createPaperVenue({ api: "ftx", seed: 1, quiet: true, rateLimits: "off", ...options }, world.runtime("venue")),
  );
  const environment = {
    PERPWIRE_CONNECTOR: "ftx_perpetual",
    FTX_PERPETUAL_REST_URL: venue.rest,
    FTX_PERPETUAL_WS_URL: venue.ws,
    FTX_PERPETUAL_API_KEY: venue.apiKey,
    FTX_PERPETUAL_API_SECRET: venue.apiSecret,
  };
  return {
    world,
    venue,
    environment,
    run: (args, run = {}) => runCommand(world, args, { environment, ...run }),
    start: async (args) => {
      const process = new FakeProcess(args.split(" "), { environment });
      await main({ process, runtime: world.runtime("main") });
      return process;
    },
    writeFile: (path, text, mode) => world.runtime("main").files.writeText(path, text, mode),
  };
}

/** Runs a command in a world, on the host `main`. */
export async function runCommand(world: SimulatedWorld, args: string, options: RunOptions = {}): Promise<FakeProcess> {
  const process = new FakeProcess(args.split(" ").filter(Boolean), options);
  const ended = main({ process, runtime: world.runtime("main") });
  await world.run(Promise.all([ended, options.meanwhile?.(process)]));
  return process;
}
