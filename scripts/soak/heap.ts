import { getHeapSpaceStatistics } from "node:v8";

/** Of what grows in a day or a minute a tenth is borne: V8 keeps shapes for whatever it has seen. */
const GROWTH_BORNE = 1.1;
/** Where V8 has what it has compiled, ever more as rare paths are taken for the first time. */
const SPACES_OF_CODE = /^(code|trusted)_/;

/** Megabytes of data in use, after everything that can be collected was. */
export function heapMb(): number {
  if (globalThis.gc === undefined) throw new Error("run it with --expose-gc, as npm run soak does");
  // Weak references and finalizers need a second round.
  for (let round = 0; round < 3; round += 1) globalThis.gc();
  const spaces = getHeapSpaceStatistics().filter(({ space_name: name }) => !SPACES_OF_CODE.test(name));
  return spaces.reduce((total, { space_used_size: bytes }) => total + bytes, 0) / 2 ** 20;
}

export function isFlat(firstMb: number, lastMb: number): boolean {
  return lastMb <= firstMb * GROWTH_BORNE;
}
