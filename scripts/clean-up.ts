import type { ChildProcess } from "node:child_process";
import { mkdtempSync, realpathSync, rmSync } from "node:fs";
import { constants, tmpdir } from "node:os";
import { join } from "node:path";

const undone = new Set<() => void>();

/** Takes back what a script did at the end of a scope, or before where an error, SIGINT or SIGTERM ends the script. */
export function cleanUp(takeBack: () => void): Disposable {
  watchEnd();
  const once = (): void => {
    if (undone.delete(once)) takeBack();
  };
  undone.add(once);
  return { [Symbol.dispose]: once };
}

let isWatched = false;

function watchEnd(): void {
  if (isWatched) return;
  isWatched = true;
  for (const signal of ["SIGINT", "SIGTERM"] as const) {
    process.on(signal, () => process.exit(128 + constants.signals[signal]));
  }
  process.on("exit", () => {
    // The last goes first: a process before the folder that it writes to, and that before the disk that it lies on.
    for (const once of [...undone].reverse()) {
      try {
        once();
      } catch (error) {
        console.error(`something was left behind: ${error instanceof Error ? error.message : String(error)}`);
      }
    }
  });
}

/** Makes a folder that is there until the scope ends. */
export function temporaryFolder(prefix: string): Disposable & { readonly path: string } {
  const path = realpathSync(mkdtempSync(join(tmpdir(), prefix)));
  // A process that was just killed may still finish a write.
  return { path, ...cleanUp(() => rmSync(path, { recursive: true, force: true, maxRetries: 10 })) };
}

/** A child that does not outlive the script. */
export function tied<Child extends ChildProcess>(child: Child, signal: NodeJS.Signals = "SIGTERM"): Child {
  const end = cleanUp(() => void child.kill(signal));
  child.once("exit", () => end[Symbol.dispose]());
  return child;
}
