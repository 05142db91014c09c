import type { Engine, EngineEvent } from "./types.ts";

/** An engine that tells observers what happened after each command. */
export function observed(engine: Engine, observers: ReadonlySet<(events: readonly EngineEvent[]) => void>): Engine {
  return {
    ...engine,
    execute: (command, nowMs) => {
      const events = engine.execute(command, nowMs);
      for (const observer of observers) observer(events);
      return events;
    },
  };
}
