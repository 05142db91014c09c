import { fileURLToPath } from "node:url";
import { z } from "zod";
import { VenueUnavailableError } from "../../model/error.ts";
import type { ChildProcess, ProcessPort } from "../../runtime/runtime.ts";
import type { DemoVenue } from "./session.ts";

export interface VenueProcess {
  readonly venue: DemoVenue;
  /** Ends it and resolves when it has. */
  stop(): Promise<void>;
}

const SCRIPT = fileURLToPath(new URL("../../../bin/perpwire.js", import.meta.url));

const ready = z.object({
  rest: z.string(),
  ws: z.string(),
  control: z.string(),
  apiKey: z.string(),
  apiSecret: z.string(),
});

/** Starts `perpwire venue` in a process of its own and reads the line that says where it is. */
export async function startVenue(
  process: ProcessPort,
  options: { readonly seed: number; readonly fundingIntervalMs: number },
): Promise<VenueProcess> {
  const { seed, fundingIntervalMs } = options;
  const flags = ["--json", "--seed", String(seed), "--funding-interval", String(fundingIntervalMs / 1_000)];
  const child = process.spawnNode(SCRIPT, ["venue", ...flags]);
  try {
    return { venue: await readReady(child), stop: () => stop(child) };
  } catch (error) {
    await stop(child);
    throw error;
  }
}

async function readReady(child: ChildProcess): Promise<DemoVenue> {
  for await (const line of child.lines()) return ready.parse(JSON.parse(line));
  const { code, signal } = await child.ended;
  throw new VenueUnavailableError(`the paper venue ended at its start (${signal ?? `exit code ${code}`})`, {
    outcome: "definite",
  });
}

async function stop(child: ChildProcess): Promise<void> {
  child.kill("SIGTERM");
  await child.ended;
}
