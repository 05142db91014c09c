import type { Command } from "commander";
import { realWork } from "../../../../src/runtime/real-work.ts";
import type { Cli, OutputFlags } from "../cli.ts";

const EXAMPLES = `
A second opinion: reads what was recorded of a run (what was sent and received, what the program asked and was told, what
was shown, what the exchange did) and holds it against every promise, with code that shares nothing with the engine. Files
of one run, such as those of its processes, are read together. Exit code 1 when any rule does not hold, or where the
exchange's record at the end of the run is missing, without which much cannot be held against anything.

Examples:
  perpwire simulate --venue okx --seeds 7 --trace histories
  perpwire check histories/*.ndjson
  perpwire check histories/okx-7-rough.ndjson --json | jq .breaches`;

export function registerCheck(program: Command, cli: Cli): void {
  program
    .command("check")
    .description("check recorded histories against what Perpwire promises")
    .argument("<file...>", "histories, as `perpwire simulate --trace` writes them")
    .option("--json", "one JSON line a run")
    .addHelpText("after", EXAMPLES)
    .action(async (files: readonly string[], flags: OutputFlags) => {
      const { check } = await realWork(import("../check/run.ts"));
      await check(cli, files, flags);
    });
}
