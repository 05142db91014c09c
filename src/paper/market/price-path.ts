import type { Random } from "../../runtime/runtime.ts";

/** Standard deviation of a move per square root of a second: about 60 % a year. */
const VOLATILITY = 1.1e-4;
/** Speed at which the price returns to where it started: half-life of about two hours. */
const REVERSION_PER_SECOND = 1e-4;
/** The perpetual's premium over index wanders within a few hundredths of a percent, half-life of a minute. */
const BASIS_VOLATILITY = 1.5e-5;
const BASIS_REVERSION_PER_SECOND = 0.01;
const MAX_ELAPSED_SECONDS = 2;

/** A mean-reverting random walk. Floats only choose where to go: what leaves here is snapped by the caller. */
export class PricePath {
  readonly #random: Random;
  readonly #anchor: number;
  /** Logarithm of index over anchor. */
  #distance = 0;
  #basis = 0;

  constructor(random: Random, anchor: number) {
    this.#random = random;
    this.#anchor = anchor;
  }

  get index(): number {
    return this.#anchor * Math.exp(this.#distance);
  }

  /** Price at which the perpetual itself trades. */
  get fair(): number {
    return this.index * (1 + this.#basis);
  }

  /** Index and fair price are this from now on; it goes back from there as from anywhere. */
  jumpTo(price: number): void {
    this.#distance = Math.log(price / this.#anchor);
    this.#basis = 0;
  }

  move(elapsedMs: number): void {
    const seconds = Math.min(elapsedMs / 1_000, MAX_ELAPSED_SECONDS);
    const spread = Math.sqrt(seconds);
    this.#distance += VOLATILITY * spread * this.#normal() - REVERSION_PER_SECOND * seconds * this.#distance;
    this.#basis += BASIS_VOLATILITY * spread * this.#normal() - BASIS_REVERSION_PER_SECOND * seconds * this.#basis;
  }

  /** Near enough to a normal deviate: four uniform ones, never beyond 3.5. */
  #normal(): number {
    let sum = -2;
    for (let draw = 0; draw < 4; draw++) sum += this.#random.float();
    return sum * Math.sqrt(3);
  }
}
