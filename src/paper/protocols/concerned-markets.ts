import type { Engine, SettingEvent } from "../engine/types.ts";

/** Markets that a change of a setting is about: one, or all where it is the account's. */
export function concernedMarkets(engine: Engine, { market }: Pick<SettingEvent, "market">): readonly string[] {
  return market === undefined ? engine.markets().map(({ spec }) => spec.market) : [market];
}
