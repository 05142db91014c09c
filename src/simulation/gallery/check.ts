/** Something that was measured in a run, and what it had to be. */
export interface Check {
  /** Name of the measurement, for example "fills told". */
  readonly what: string;
  readonly seen: string;
  readonly wanted: string;
  readonly holds: boolean;
}
