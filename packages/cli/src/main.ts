import { Command } from "commander";
import { realWork } from "../../../src/runtime/real-work.ts";
import type { ProcessPort, Runtime } from "../../../src/runtime/runtime.ts";
import type { Cli } from "./cli.ts";
import { COMMANDS } from "./commands/index.ts";
import { EXIT_CODES_HELP, exitCodeOf, reportError } from "./errors.ts";
import { loadModule, MODULE_FLAG, MODULE_HELP, withoutModules } from "./modules.ts";
import { versionOfPackage } from "./own-package.ts";

/** Ports for a test; the real ones by default. */
export interface MainOptions {
  readonly process?: ProcessPort | undefined;
  readonly runtime?: Runtime | undefined;
}

/** The `perpwire` command. Never rejects: what goes wrong is one line on standard error and the exit code. */
export async function main(options: MainOptions = {}): Promise<void> {
  const process =
    options.process ?? (await realWork(import("../../../src/runtime/node-process.ts"))).createNodeProcess();
  let runtime: Promise<Runtime> | undefined;
  const cli: Cli = {
    process,
    secrets: new Set(),
    runtime: () => {
      runtime ??= openRuntime(options.runtime);
      return runtime;
    },
  };
  let program: Command | undefined;
  let command: string | undefined;
  try {
    const { args, modules } = withoutModules(process.args);
    [command] = args;
    // One after another: the first of two that take the same name has it.
    for (const name of modules) await loadModule(name, process.workingDirectory);
    program = buildProgram(cli);
    if (args.length === 0) program.outputHelp();
    else await program.parseAsync([...args], { from: "user" });
  } catch (error) {
    reportError(cli, error, program?.commands.find((known) => known.name() === command)?.name());
    process.setExitCode(exitCodeOf(error));
  } finally {
    if (options.runtime === undefined) await (await runtime)?.http.close();
    // Last, for the shell gets what is typed from here on.
    await process.endInput();
  }
}

async function openRuntime(given: Runtime | undefined): Promise<Runtime> {
  return given ?? (await realWork(import("../../../src/runtime/node-runtime.ts"))).nodeRuntime();
}

function buildProgram(cli: Cli): Command {
  const program = new Command("perpwire");
  program
    .description("Perpetual-futures connectivity that never guesses an order's fate, with the exchange in the box.")
    .version(versionOfPackage(), "-V, --version")
    .option(MODULE_FLAG, MODULE_HELP)
    .helpOption("-h, --help", "show help")
    .helpCommand("help [command]", "show the help of a command")
    .exitOverride()
    .showSuggestionAfterError()
    .configureOutput({
      writeOut: (text) => cli.process.writeOut(text),
      writeErr: (text) => cli.process.writeError(text),
      outputError: () => undefined,
      getOutHelpWidth: () => cli.process.columns,
    })
    .addHelpText("afterAll", EXIT_CODES_HELP);
  for (const register of COMMANDS) register(program, cli);
  return program;
}
