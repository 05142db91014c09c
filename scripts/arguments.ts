import { readFileSync } from "node:fs";
import { type ParseArgsConfig, parseArgs } from "node:util";

const MISTAKE = 2;

/**
 * The flags of a script. `--help` prints the comment that the script begins with; a flag that there is not ends it with a
 * line and exit code 2.
 */
export function argumentsOf<const Options extends NonNullable<ParseArgsConfig["options"]>>(
  script: string,
  options: Options,
): ReturnType<typeof parseArgs<{ readonly options: Options }>>["values"] {
  if (process.argv.slice(2).some((argument) => argument === "--help" || argument === "-h")) {
    const [comment = ""] = readFileSync(script, "utf8").split("*/");
    console.log(comment.replaceAll(/^\/?\*+ ?|^ \* ?/gm, "").trim());
    process.exit(0);
  }
  try {
    return parseArgs({ options }).values;
  } catch (error) {
    if (!(error instanceof TypeError)) throw error;
    return mistaken(error.message);
  }
}

/** Ends a script whose flags ask for what there is not: with a line and exit code 2. */
export function mistaken(what: string): never {
  console.error(`${what}; see --help`);
  process.exit(MISTAKE);
}
