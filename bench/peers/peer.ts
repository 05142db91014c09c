/** Loads a peer, which is a dependency of the benchmarks alone: the types that it needs are the caller's. */
export async function peer<Exports>(name: string): Promise<Exports> {
  return (await import(name)) as Exports;
}
