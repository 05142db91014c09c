import { readFileSync } from "node:fs";
import { registerHooks } from "node:module";
import { argv } from "node:process";
import { pathToFileURL } from "node:url";
import { ENGINE_MUTATIONS } from "./engine.ts";
import { patchedEngine, pathOfEngine } from "./engine-score.ts";

const [, , index = "", fixturesName = ""] = argv;
const mutation = ENGINE_MUTATIONS[Number(index)];

// Imports of the engine come after this hook, so that they load the file with the bug.
if (mutation !== undefined) {
  const url = pathToFileURL(pathOfEngine(mutation)).href;
  const source = patchedEngine(mutation, readFileSync(pathOfEngine(mutation), "utf8"));
  registerHooks({
    load: (loaded, context, nextLoad) =>
      loaded === url ? { format: "module-typescript", source, shortCircuit: true } : nextLoad(loaded, context),
  });
}

const { judgeEngine } = await import("./engine-judge.ts");
process.send?.(await judgeEngine(fixturesName));
process.disconnect?.();
