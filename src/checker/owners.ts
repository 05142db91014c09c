import type { HistoryLine } from "./history.ts";

/** Ownership of orders: which host's program asked for which client order id. */
export class Owners {
  readonly #hosts = new Map<string, string>();
  readonly #all = new Set<string>();
  readonly #closing = new Set<string>();

  line(line: HistoryLine): void {
    if (line.kind === "process") this.#all.add(line.host);
    if (line.kind !== "asked") return;
    for (const id of line.orders ?? []) this.#hosts.set(id, line.host);
    const isClosing = JSON.stringify(line.with ?? "").includes('"position":"close"');
    if (isClosing || line.call === "flatten") for (const id of line.orders ?? []) this.#closing.add(id);
  }

  /** Tells that an order was to close a position, alone or with others of its batch. */
  isClosing(id: string): boolean {
    return this.#closing.has(id);
  }

  get hosts(): ReadonlySet<string> {
    return this.#all;
  }

  hostOf(id: string): string | undefined {
    return this.#hosts.get(id);
  }

  idsOf(host: string): readonly string[] {
    return [...this.#hosts].filter(([, owner]) => owner === host).map(([id]) => id);
  }
}
