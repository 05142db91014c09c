const SHOWN_FRAMES = 5;

/** Places that an error comes from, the innermost place first, up to the first place in a file that `caller` matches. */
export function stackFrames(error: unknown, caller: RegExp): readonly string[] {
  if (!(error instanceof Error) || typeof error.stack !== "string") return [];
  const frames = error.stack.split("\n").flatMap((line) => /^ +at (.+)$/.exec(line)?.[1] ?? []);
  const end = frames.findIndex((frame) => caller.test(frame));
  return frames.slice(0, end < 0 ? SHOWN_FRAMES : Math.min(end, SHOWN_FRAMES));
}
