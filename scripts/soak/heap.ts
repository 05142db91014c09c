/** Of what grows in a day or a minute a tenth is borne: V8 keeps code and shapes for whatever it has seen. */
const GROWTH_BORNE = 1.1;

/** Megabytes in use after everything that can be collected was. */
export function heapMb(): number {
  if (globalThis.gc === undefined) throw new Error("run it with --expose-gc, as npm run soak does");
  // Weak references and finalizers need a second round.
  for (let round = 0; round < 3; round += 1) globalThis.gc();
  return process.memoryUsage().heapUsed / 2 ** 20;
}

export function isFlat(firstMb: number, lastMb: number): boolean {
  return lastMb <= firstMb * GROWTH_BORNE;
}
