/** Sub-buckets per power of two: values are told apart to about 3 %. */
const SUB_BUCKETS = 32;
const SUB_BUCKET_BITS = 5;

/** Counts of durations in a fixed typed array: recording allocates nothing, percentiles are within about 3 %. */
export class LatencyHistogram {
  readonly #counts = new Float64Array(SUB_BUCKETS * 28);
  #count = 0;
  #maxMs = 0;

  get count(): number {
    return this.#count;
  }

  get maxMs(): number {
    return this.#maxMs;
  }

  /** Negative durations, from clocks that disagree, count as 0; beyond half an hour they count as half an hour. */
  record(durationMs: number): void {
    const micros = Math.min(Math.max(Math.round(durationMs * 1_000), 0), 0x7fff_ffff);
    const bucket = bucketOf(micros);
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
      if (seen >= rank) return Math.min(upperMicrosOf(bucket) / 1_000, this.#maxMs);
    }
    return this.#maxMs;
  }

  reset(): void {
    this.#counts.fill(0);
    this.#count = 0;
    this.#maxMs = 0;
  }
}

function bucketOf(micros: number): number {
  if (micros < SUB_BUCKETS) return micros;
  const shift = 31 - Math.clz32(micros) - SUB_BUCKET_BITS;
  return (shift + 1) * SUB_BUCKETS + ((micros >>> shift) - SUB_BUCKETS);
}

function upperMicrosOf(bucket: number): number {
  if (bucket < SUB_BUCKETS) return bucket;
  const shift = Math.floor(bucket / SUB_BUCKETS) - 1;
  return ((bucket % SUB_BUCKETS) + SUB_BUCKETS + 1) * 2 ** shift - 1;
}
