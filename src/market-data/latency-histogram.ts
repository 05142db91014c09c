/** Sub-buckets per power of two: values are told apart to about 3 %. */
const SUB_BUCKETS = 32;
const SUB_BUCKET_BITS = 5;

const MICROSECOND_MS = 0.001;

/** Percentiles of durations, in milliseconds; NaN when there was none. */
export interface Percentiles {
  readonly p50: number;
  readonly p99: number;
  readonly p999: number;
}

/** Counts of durations in a fixed typed array: recording allocates nothing, percentiles are within about 3 %. */
export class LatencyHistogram {
  readonly #counts = new Float64Array(SUB_BUCKETS * 28);
  readonly #perMs: number;
  #count = 0;
  #maxMs = 0;

  /** Durations are told apart down to `resolutionMs`; 2^31 times as long is the longest. */
  constructor(resolutionMs = MICROSECOND_MS) {
    this.#perMs = 1 / resolutionMs;
  }

  get count(): number {
    return this.#count;
  }

  get maxMs(): number {
    return this.#maxMs;
  }

  /** Negative durations, from clocks that disagree, count as 0; too long ones count as the longest. */
  record(durationMs: number): void {
    const units = Math.min(Math.max(Math.round(durationMs * this.#perMs), 0), 0x7fff_ffff);
    const bucket = bucketOf(units);
    this.#counts[bucket] = (this.#counts[bucket] as number) + 1;
    this.#count += 1;
    if (durationMs > this.#maxMs) this.#maxMs = durationMs;
  }

  /** The duration that a share (0 to 1) of the recorded ones does not exceed; NaN when nothing was recorded. */
  percentileMs(share: number): number {
    if (this.#count === 0) return Number.NaN;
    const rank = Math.max(1, Math.ceil(share * this.#count));
    let seen = 0;
    for (let bucket = 0; bucket < this.#counts.length; bucket += 1) {
      seen += this.#counts[bucket] as number;
      if (seen >= rank) return Math.min(upperOf(bucket) / this.#perMs, this.#maxMs);
    }
    return this.#maxMs;
  }

  percentiles(): Percentiles {
    return { p50: this.percentileMs(0.5), p99: this.percentileMs(0.99), p999: this.percentileMs(0.999) };
  }

  reset(): void {
    this.#counts.fill(0);
    this.#count = 0;
    this.#maxMs = 0;
  }
}

function bucketOf(units: number): number {
  if (units < SUB_BUCKETS) return units;
  const shift = 31 - Math.clz32(units) - SUB_BUCKET_BITS;
  return (shift + 1) * SUB_BUCKETS + ((units >>> shift) - SUB_BUCKETS);
}

function upperOf(bucket: number): number {
  if (bucket < SUB_BUCKETS) return bucket;
  const shift = Math.floor(bucket / SUB_BUCKETS) - 1;
  return ((bucket % SUB_BUCKETS) + SUB_BUCKETS + 1) * 2 ** shift - 1;
}
