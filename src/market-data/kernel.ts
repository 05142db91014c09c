/** WebAssembly as far as it is used: its types come with those of a browser. */
interface WebAssemblyApi {
  readonly Module: new (bytes: Uint8Array) => object;
  readonly Instance: new (module: object) => { readonly exports: unknown };
}

/** An address or a number that a kernel tells. */
export interface Told {
  readonly value: number;
}

/** Exports of every kernel. */
export interface KernelMemory {
  readonly memory: { readonly buffer: ArrayBuffer };
  prepare(): void;
}

const { WebAssembly: api } = globalThis as unknown as { readonly WebAssembly: WebAssemblyApi };

/** A program of `kernel/`, compiled when it is first used. Each instance has a memory of its own, which never grows. */
export class Kernel<Exports extends KernelMemory> {
  readonly #bytes: string;
  #compiled: object | undefined;

  constructor(bytes: string) {
    this.#bytes = bytes;
  }

  instance(): Exports {
    this.#compiled ??= new api.Module(Uint8Array.from(atob(this.#bytes), (byte) => byte.charCodeAt(0)));
    const { exports } = new api.Instance(this.#compiled);
    const known = exports as Exports;
    known.prepare();
    return known;
  }
}
