import { type ChildProcess, spawn } from "node:child_process";
import { once } from "node:events";
import { createInterface } from "node:readline";
import { fileURLToPath } from "node:url";
import { onTestFinished } from "vitest";
import type { PaperTruth } from "../../../src/paper/index.ts";
import type { ProtocolName } from "../../../src/paper/protocols/protocols.ts";
import { within } from "./inbox.ts";
import type { Endpoint } from "./paper-venue.ts";

const COMMAND = fileURLToPath(new URL("../../../bin/perpwire.js", import.meta.url));
const START_MS = 20_000;

/** The venue as users start it. */
export interface VenueProcess extends Endpoint {
  readonly control: string;
  /** As the connectors of its protocols call them. */
  readonly credentials: Readonly<Partial<Record<ProtocolName, Readonly<Record<string, string>>>>>;
  /** What the venue knows of the account, over its control API. */
  truth(): Promise<PaperTruth>;
  /** Ends it as Ctrl-C would; resolves to its exit code. */
  interrupt(): Promise<number | null>;
}

/** Runs `perpwire venue --json` with an API and more arguments and waits for its one line. */
export async function startVenueProcess(api: ProtocolName, ...args: readonly string[]): Promise<VenueProcess> {
  const child = spawn(process.execPath, [COMMAND, "venue", "--api", api, "--json", ...args], {
    stdio: ["ignore", "pipe", "pipe"],
  });
  const exited = once(child, "exit");
  onTestFinished(async () => {
    if (child.exitCode === null) child.kill("SIGKILL");
    await exited;
  });
  const announced = JSON.parse(await within(firstLine(child), "the venue's line", START_MS));
  return {
    ...announced,
    truth: async () => {
      const response = await fetch(`${announced.control}/truth`, { headers: { "paper-key": announced.apiKey } });
      if (!response.ok) throw new Error(`${response.status} ${await response.text()}`);
      return (await response.json()) as PaperTruth;
    },
    interrupt: async () => {
      child.kill("SIGINT");
      await within(exited, "the end of the venue");
      return child.exitCode;
    },
  };
}

async function firstLine(child: ChildProcess): Promise<string> {
  const complaints: string[] = [];
  child.stderr?.on("data", (chunk) => complaints.push(String(chunk)));
  if (child.stdout === null) throw new Error("the venue has no output");
  for await (const line of createInterface({ input: child.stdout })) return line;
  throw new Error(`the venue said nothing but ${complaints.join("")}`);
}
