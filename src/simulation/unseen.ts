import type { EpisodeKind } from "./episodes.ts";
import type { WorldPlan } from "./plan.ts";

/** Faults after which a private stream that looks healthy has said too little: only a poll can find out. */
const UNSEEN: readonly EpisodeKind[] = [
  "lostFrames",
  "deadChannels",
  "unreadableRows",
  "lateFills",
  "latePrivateFrames",
];

/** Tells that some events may be found by a poll alone. */
export function isLossy({ episodes }: Pick<WorldPlan, "episodes">): boolean {
  return episodes.some(({ kind }) => UNSEEN.includes(kind));
}
