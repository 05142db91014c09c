/** Something that was measured in a run, and what it had to be. */
export interface Check {
  /** What was measured, for example "fills told". */
  readonly what: string;
  readonly seen: string;
  readonly wanted: string;
  readonly holds: boolean;
}
