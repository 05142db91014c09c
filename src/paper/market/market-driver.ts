/**
 * Simulated order flow. The host owns the timer: it calls `build` once and then `step` every 25 to 100 ms, with times
 * that never go back.
 */
export interface MarketDriver {
  /** Opens the driver's accounts and fills the books. */
  build(nowMs: number): void;
  /** Does what is due at this time. Each step ends with an `advance`, so funding and liquidations run as well. */
  step(nowMs: number): void;
  /** Parts of a step: a host of many markets does them one after the other, evenly over the time of a step. */
  readonly shares: number;
  /** Does the next of these parts; the last one ends with the `advance`. */
  stepShare(nowMs: number): void;
}
