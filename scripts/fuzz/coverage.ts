import { type Profiler, Session } from "node:inspector";

const VENUES = "/src/venues/";
/** Files of a venue that read nothing of what it sends. */
const WRITERS = new Set(["auth.ts", "manifest.ts", "constants.ts", "derivative.ts"]);

/** Counts which functions of the venues are called. It must begin before their modules are loaded. */
export class FunctionCoverage {
  readonly #markets = new Session();

  constructor() {
    this.#markets.connect();
    this.#markets.post("Profiler.enable");
    this.#markets.post("Profiler.startPreciseCoverage", { callCount: true, detailed: false });
  }

  /** Functions of a venue's folder, by `file: function`, and whether they were called since the last time. */
  take(folder: string): ReadonlyMap<string, boolean> {
    const functions = new Map<string, boolean>();
    for (const { url, functions: found } of this.#scripts()) {
      const [, path = ""] = url.split(VENUES);
      const [venue, file = ""] = path.split("/");
      if (venue !== folder || WRITERS.has(file)) continue;
      for (const { functionName, ranges } of found) {
        const name = `${file}: ${functionName}`;
        if (functionName !== "") functions.set(name, functions.get(name) === true || (ranges[0]?.count ?? 0) > 0);
      }
    }
    return functions;
  }

  /** What is counted is slower. */
  end(): void {
    this.#markets.post("Profiler.stopPreciseCoverage");
    this.#markets.disconnect();
  }

  #scripts(): readonly Profiler.ScriptCoverage[] {
    let scripts: readonly Profiler.ScriptCoverage[] = [];
    this.#markets.post("Profiler.takePreciseCoverage", (error, answer) => {
      if (error !== null) throw error;
      scripts = answer.result;
    });
    return scripts;
  }
}
