import { type BookSides, changedSides } from "./book-levels.ts";
import type { PastViews } from "./past-views.ts";

/** A book as it was told, and the numbers that it was told with. */
export interface ToldView<Stamp> {
  readonly sides: BookSides;
  readonly stamp: Stamp;
}

export interface ToldBookPorts<Stamp> {
  /** Name of the view among those of other books and depths. */
  readonly name: string;
  readonly past: PastViews<ToldView<Stamp>>;
  now(): number;
  /** Book as it is now. */
  view(): BookSides;
  /** Numbers of a view that follows one with the last numbers, or of the first. */
  stampAfter(last: Stamp | undefined): Stamp;
}

/** One view of one book, as all who listen to it hold it. */
export class ToldBook<Stamp> {
  readonly #ports: ToldBookPorts<Stamp>;
  #told: ToldView<Stamp>;

  constructor(ports: ToldBookPorts<Stamp>) {
    this.#ports = ports;
    this.#told = { sides: ports.view(), stamp: ports.stampAfter(undefined) };
    this.#keep();
  }

  get told(): ToldView<Stamp> {
    return this.#told;
  }

  /** Takes a new view and returns what it changed; undefined where nothing did. */
  update(): BookSides | undefined {
    const sides = this.#ports.view();
    const changes = changedSides(this.#told.sides, sides);
    if (changes === undefined) return undefined;
    this.#told = { sides, stamp: this.#ports.stampAfter(this.#told.stamp) };
    this.#keep();
    return changes;
  }

  /** Gives the view that was told last other numbers. */
  renumber(): void {
    this.#told = { ...this.#told, stamp: this.#ports.stampAfter(this.#told.stamp) };
  }

  /** The view for a new listener or a request, which is an old one where a fault wants it so. */
  shown(): ToldView<Stamp> {
    return this.#ports.past.stale(this.#ports.name, this.#ports.now()) ?? this.#told;
  }

  #keep(): void {
    const view = this.#told;
    this.#ports.past.keep(this.#ports.name, this.#ports.now(), () => view);
  }
}
