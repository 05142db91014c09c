import { z } from "zod";
import { VenueUnavailableError } from "../../../../src/model/error.ts";
import type { ChildProcess, ProcessPort, Timers } from "../../../../src/runtime/runtime.ts";
import { SCRIPT } from "../own-package.ts";
import type { DemoVenue } from "./session.ts";

export interface VenueProcess {
  readonly venue: DemoVenue;
  /** Fires when the process ends before it was stopped; the reason is a `VenueUnavailableError`. */
  readonly lost: AbortSignal;
  /** Ends it and resolves when it has. */
  stop(): Promise<void>;
}

const KILL_AFTER_MS = 5_000;

const readyLine = z.object({
  rest: z.string(),
  ws: z.string(),
  control: z.string(),
  apiKey: z.string(),
  apiSecret: z.string(),
  passphrase: z.string().optional(),
  credentials: z.record(z.string(), z.record(z.string(), z.string())),
});

/**
 * Starts `perpwire venue` in a process of its own and reads the line that says where it is. Ctrl-C does not reach it,
 * for it is needed until the comparison is done; it ends with this process, however that ends.
 */
export async function startVenue(
  process: ProcessPort,
  timers: Timers,
  options: { readonly api: string; readonly seed: number; readonly fundingIntervalMs: number },
): Promise<VenueProcess> {
  const { api, seed, fundingIntervalMs } = options;
  const flags = ["--api", api, "--seed", String(seed), "--funding-interval", String(fundingIntervalMs / 1_000)];
  const child = process.spawnNode(SCRIPT, ["venue", "--json", ...flags, "--stop-with-input"], { detached: true });
  const lost = new AbortController();
  let isStopping = false;
  void child.ended.then(() => {
    if (!isStopping)
      lost.abort(new VenueUnavailableError("the paper venue's process has ended", { outcome: "definite" }));
  });
  const stop = async () => {
    isStopping = true;
    child.kill("SIGTERM");
    const kill = timers.after(KILL_AFTER_MS, () => child.kill("SIGKILL"));
    await child.ended;
    kill.cancel();
  };
  try {
    return { venue: await readVenue(child), lost: lost.signal, stop };
  } catch (error) {
    await stop();
    throw error;
  }
}

async function readVenue(child: ChildProcess): Promise<DemoVenue> {
  for await (const line of child.lines()) return readyLine.parse(JSON.parse(line));
  const { code, signal } = await child.ended;
  throw new VenueUnavailableError(`the paper venue ended at its start (${signal ?? `exit code ${code}`})`, {
    outcome: "definite",
  });
}
