import { mkdirSync, readFileSync, statSync } from "node:fs";
import { type ParseArgsConfig, parseArgs } from "node:util";
import { InvalidArgumentError } from "commander";
import { nearestName } from "../src/model/names.ts";

const MISTAKE = 2;

type Flags = NonNullable<ParseArgsConfig["options"]>;

/**
 * The flags of a script. `--help` prints the comment that the script begins with; a flag that there is not ends it with a
 * line and exit code 2.
 */
export function argumentsOf<const Options extends Flags>(
  script: string,
  options: Options,
): ReturnType<typeof parseArgs<{ readonly options: Options }>>["values"] {
  return parsed(script, () => parseArgs({ options })).values;
}

/** The same for a script that takes words beside its flags. */
export function wordsAndArgumentsOf<const Options extends Flags>(
  script: string,
  options: Options,
): ReturnType<typeof parseArgs<{ readonly options: Options; readonly allowPositionals: true }>> {
  return parsed(script, () => parseArgs({ options, allowPositionals: true }));
}

function parsed<Parsed>(script: string, parse: () => Parsed): Parsed {
  if (process.argv.slice(2).some((argument) => argument === "--help" || argument === "-h")) {
    const [comment = ""] = readFileSync(script, "utf8").split("*/");
    console.log(comment.replaceAll(/^\/?\*+ ?|^ \* ?/gm, "").trim());
    process.exit(0);
  }
  try {
    return parse();
  } catch (error) {
    if (!(error instanceof TypeError)) throw error;
    return mistaken(error.message.replaceAll("\n", " ").replace(/\.$/, ""));
  }
}

/** Ends a script whose flags ask for what there is not: with a line, what there is below it, and exit code 2. */
export function mistaken(what: string, thereAre: readonly string[] = []): never {
  console.error([`${what}; see --help`, ...thereAre.map((each) => `  ${each}`)].join("\n"));
  process.exit(MISTAKE);
}

/** The value of a flag, read by one of the readers of `packages/cli/src/arguments.ts`. */
export function readFlag<Value>(flag: string, text: string, read: (text: string) => Value): Value {
  try {
    return read(text);
  } catch (error) {
    if (!(error instanceof InvalidArgumentError)) throw error;
    const right = error.message.replace(/^It/, "it").replace(/\.$/, "");
    return mistaken(`--${flag} cannot be "${text}": ${right}`);
  }
}

/** Values of `all` that a flag names, each once. */
export function chosenOf<Name extends string>(
  what: string,
  names: readonly string[],
  all: readonly Name[],
): readonly Name[] {
  const unknown = names.filter((name) => !all.some((each) => each === name));
  if (unknown.length > 0) {
    const nearest = nearestName(unknown[0] ?? "", all);
    const hint = nearest === undefined ? "" : `, did you mean "${nearest}"`;
    mistaken(`there is no ${what} "${unknown.join(", ")}"${hint}: there are ${all.join(", ")}`);
  }
  return all.filter((name) => names.includes(name));
}

/** Whether a name has every word of a text in it, whatever their order and case. */
export function hasWords(name: string, text: string): boolean {
  const words = text.toLowerCase().trim().split(/\s+/);
  return words.every((word) => name.toLowerCase().includes(word));
}

/** Ends the script where a folder that is to be read is none. */
export function folderToRead(flag: string, path: string): string {
  const found = statSync(path, { throwIfNoEntry: false });
  if (found?.isDirectory() === true) return path;
  return mistaken(`--${flag} has to be a folder, and "${path}" ${found === undefined ? "is not there" : "is none"}`);
}

/** Makes a folder that is to be written to, and ends the script where it cannot. */
export function folderToWrite(flag: string, path: string): string {
  try {
    mkdirSync(path, { recursive: true });
    return path;
  } catch (error) {
    const why = error instanceof Error ? error.message : String(error);
    return mistaken(`--${flag} has to be a folder, and "${path}" cannot be one: ${why}`);
  }
}
