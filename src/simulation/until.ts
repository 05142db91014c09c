import type { World } from "./world.ts";

export interface UntilOptions {
  readonly world: World;
  /** Moves time on, and looks at everything on the way. */
  advanceTo(elapsedMs: number): Promise<void>;
  readonly limitMs: number;
  readonly everyMs: number;
}

/** Moves time on until the condition holds; false where it does not within the limit. */
export async function until(condition: () => boolean, options: UntilOptions): Promise<boolean> {
  const { world, advanceTo, limitMs, everyMs } = options;
  const untilMs = world.elapsedMs() + limitMs;
  while (!condition()) {
    if (world.elapsedMs() >= untilMs) return false;
    await advanceTo(world.elapsedMs() + everyMs);
  }
  return true;
}
