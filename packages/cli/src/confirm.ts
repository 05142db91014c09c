import type { Cli } from "./cli.ts";
import { printable } from "./printable.ts";
import { stoppable } from "./stop-signal.ts";

/** Asks and resolves with whether the answer is yes; what a venue or a file says in the question obeys no terminal. */
export async function isConfirmed(cli: Pick<Cli, "process">, question: string, signal?: AbortSignal): Promise<boolean> {
  const asked = cli.process.readLine(printable(`${question} Type yes: `), signal);
  const answer = await (signal === undefined ? asked : stoppable(signal, asked));
  return answer?.trim().toLowerCase() === "yes";
}
