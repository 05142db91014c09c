import type { BoxConnector } from "../box-protocols.ts";
import type { Played, Scenario } from "./scenario.ts";
import { Stage } from "./stage.ts";

/** Plays a scenario on one venue. What it throws is its error: it never rejects. */
export async function playScenario(scenario: Scenario, connector: BoxConnector): Promise<Played> {
  const stage = await Stage.open(scenario, connector);
  const { world, checks } = stage;
  let error: string | undefined;
  try {
    await scenario.play(stage);
    world.machines.network.faults = {};
    world.venue.faults.clear();
    await world.close();
  } catch (caught) {
    error = caught instanceof Error ? (caught.stack ?? caught.message) : String(caught);
  }
  const holds = error === undefined && checks.length > 0 && checks.every((check) => check.holds);
  return { scenario, connector, checks, simulatedMs: world.elapsedMs(), hash: world.trace(), error, holds };
}
