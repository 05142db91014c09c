import { runUntilEnd, type SimulatedProcess } from "./simulated-process.ts";
import { Trace } from "./simulated-trace.ts";

export interface ScheduledEvent {
  cancel(): void;
}

interface Entry {
  dueMs: number;
  order: number;
  readonly label: string;
  readonly owner: SimulatedProcess | undefined;
  run: (() => void) | undefined;
}

const EVENTS_PER_INSTANT_LIMIT = 100_000;

/** A shorter wait would be lost in rounding, and whoever waits for a moment by what is left of it would never get there. */
const MIN_WAIT_MS = 0.001;

/** Virtual time: a binary heap of events, by due time and then by the order in which they were scheduled. */
export class SimulatedScheduler {
  #elapsedMs = 0;
  #order = 0;
  #heap: Entry[] = [];
  #canceled = 0;
  #eventsInThisInstant = 0;
  #eventsRun = 0;
  /** Entries of paused processes. */
  readonly #waiting = new Map<SimulatedProcess, Entry[]>();
  readonly #trace = new Trace();

  get elapsedMs(): number {
    return this.#elapsedMs;
  }

  get eventsRun(): number {
    return this.#eventsRun;
  }

  /** Runs `run` after `delayMs`; a timer of its `owner`, when it has one. */
  schedule(delayMs: number, label: string, run: () => void, owner?: SimulatedProcess): ScheduledEvent {
    const dueMs = this.#elapsedMs + (delayMs > 0 ? Math.max(delayMs, MIN_WAIT_MS) : 0);
    const entry: Entry = { dueMs, order: this.#order++, label, owner, run };
    if (dueMs < Number.POSITIVE_INFINITY) this.#push(entry);
    return {
      cancel: () => {
        if (entry.run === undefined) return;
        entry.run = undefined;
        this.#canceled += 1;
        this.#compact();
      },
    };
  }

  /** Events of a process that are yet to come. */
  pendingOf(process: SimulatedProcess): number {
    return this.#heap.filter((entry) => entry.owner === process && isLive(entry)).length;
  }

  /** Time when the next live event is due, in milliseconds since the start; `undefined` when there is none. */
  nextDueMs(): number | undefined {
    for (let top = this.#heap[0]; top !== undefined; top = this.#heap[0]) {
      if (isLive(top) && top.owner?.isPaused !== true) return top.dueMs;
      this.#pop();
      if (top.owner?.isPaused === true) this.#wait(top.owner, top);
    }
    return undefined;
  }

  #wait(process: SimulatedProcess, entry: Entry): void {
    const waiting = this.#waiting.get(process);
    if (waiting === undefined) this.#waiting.set(process, [entry]);
    else waiting.push(entry);
  }

  /** A process runs again: its timers, which stood still for `stoodStillMs`, are due, in their order. */
  resume(process: SimulatedProcess, stoodStillMs: number): void {
    const timers = this.#waiting.get(process) ?? [];
    this.#waiting.delete(process);
    if (stoodStillMs > 0) {
      timers.push(...this.#heap.filter(({ owner }) => owner === process));
      this.#heap = this.#heap.filter(({ owner }) => owner !== process).sort(inOrder);
    }
    for (const entry of timers.filter(isLive).sort(inOrder)) {
      entry.dueMs = Math.max(entry.dueMs + stoodStillMs, this.#elapsedMs);
      entry.order = this.#order++;
      this.#push(entry);
    }
  }

  /** Runs the next live event, if it is due by `untilMs`, and moves time to it. */
  runNext(untilMs: number): boolean {
    const dueMs = this.nextDueMs();
    if (dueMs === undefined || dueMs > untilMs) return false;
    const entry = this.#pop();
    const run = entry?.run;
    if (entry === undefined || run === undefined) return false;
    entry.run = undefined;
    this.moveTo(dueMs);
    this.#eventsRun += 1;
    this.#eventsInThisInstant += 1;
    if (this.#eventsInThisInstant > EVENTS_PER_INSTANT_LIMIT) {
      throw new Error(
        `time stands still: ${EVENTS_PER_INSTANT_LIMIT} events at ${dueMs} ms, the last is "${entry.label}"`,
      );
    }
    this.record(entry.label);
    runUntilEnd(entry.owner, run);
    return true;
  }

  moveTo(elapsedMs: number): void {
    if (elapsedMs <= this.#elapsedMs) return;
    this.#elapsedMs = elapsedMs;
    this.#eventsInThisInstant = 0;
  }

  /** Adds a fact to the running trace, with the time. */
  record(fact: string): void {
    this.#trace.add(this.#elapsedMs, fact);
  }

  trace(): string {
    return this.#trace.text();
  }

  /** Request timeouts are canceled long before they are due: without this they would fill the heap. */
  #compact(): void {
    if (this.#canceled < 256 || this.#canceled * 2 < this.#heap.length) return;
    this.#heap = this.#heap.filter(isLive).sort(inOrder);
    this.#canceled = 0;
  }

  #push(entry: Entry): void {
    const heap = this.#heap;
    let index = heap.length;
    heap.push(entry);
    while (index > 0) {
      const parentIndex = (index - 1) >> 1;
      const parent = heap[parentIndex];
      if (parent === undefined || !isBefore(entry, parent)) break;
      heap[index] = parent;
      index = parentIndex;
    }
    heap[index] = entry;
  }

  #pop(): Entry | undefined {
    const heap = this.#heap;
    const top = heap[0];
    const last = heap.pop();
    if (top === undefined || last === undefined) return undefined;
    if (top.run === undefined && this.#canceled > 0) this.#canceled -= 1;
    if (heap.length === 0) return top;
    let index = 0;
    for (;;) {
      let childIndex = 2 * index + 1;
      let child = heap[childIndex];
      if (child === undefined) break;
      const right = heap[childIndex + 1];
      if (right !== undefined && isBefore(right, child)) {
        child = right;
        childIndex += 1;
      }
      if (!isBefore(child, last)) break;
      heap[index] = child;
      index = childIndex;
    }
    heap[index] = last;
    return top;
  }
}

function isLive(entry: Entry): boolean {
  return entry.run !== undefined && entry.owner?.isAlive !== false;
}

function inOrder(left: Entry, right: Entry): number {
  return isBefore(left, right) ? -1 : 1;
}

function isBefore(left: Entry, right: Entry): boolean {
  return left.dueMs < right.dueMs || (left.dueMs === right.dueMs && left.order < right.order);
}
