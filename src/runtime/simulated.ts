import { checkOptionNames } from "../model/names.ts";
import { promiseWork, promiseWorkAfter } from "./promise-work.ts";
import type { Random, Runtime } from "./runtime.ts";
import {
  assertFinite,
  assertLimit,
  assertOneOf,
  assertSeed,
  assertTime,
  assertWrites,
  noSuchHost,
} from "./simulated-checks.ts";
import { simulatedClock, simulatedTimers, WallClock } from "./simulated-clock.ts";
import { SimulatedDisk, SimulatedWriteFaults } from "./simulated-disk.ts";
import { SimulatedFiles } from "./simulated-files.ts";
import { SimulatedHttpClient, SimulatedServerHost } from "./simulated-http.ts";
import { SimulatedJournalStores } from "./simulated-journal.ts";
import { SimulatedNetwork } from "./simulated-network.ts";
import { type PauseKind, SimulatedProcess } from "./simulated-process.ts";
import { SeededRandom } from "./simulated-random.ts";
import { SimulatedScheduler } from "./simulated-scheduler.ts";
import { SimulatedWebSocketClient } from "./simulated-web-socket.ts";

export type { SimulatedWriteFaults } from "./simulated-disk.ts";
export type {
  ConnectFault,
  FrameDirection,
  FrameFault,
  HttpFault,
  NetworkFaults,
  SimulatedConnectionInfo,
  SimulatedHttpRequest,
} from "./simulated-faults.ts";
export type { SimulatedLatency, SimulatedNetwork } from "./simulated-network.ts";
export type { PauseKind } from "./simulated-process.ts";

export interface SimulatedWorldOptions {
  /** Decides every delay, loss and random number. */
  readonly seed: number | string;
  /** Epoch milliseconds at the start; 2024-01-01 by default. */
  readonly startMs?: number | undefined;
}

interface Host {
  readonly disk: SimulatedDisk;
  readonly standardError: SimulatedOutput;
  readonly wall: WallClock;
  restarts: number;
  process: SimulatedProcess;
  runtime: Runtime | undefined;
}

const DEFAULT_START_MS = 1_704_067_200_000;
const WORLD_OPTIONS = { seed: true, startMs: true };
const PAUSES: readonly PauseKind[] = ["process", "machine"];
const DEFAULT_RUN_LIMIT_MS = 600_000;
const OUTPUT_KEPT = 1_000_000;
/** Work that no event announces, such as an `import()`, gets this many real milliseconds before `run` gives up. */
const REAL_TURNS_BEFORE_GIVING_UP = 100;

/**
 * A world in which a seed decides everything: hosts with processes that can be killed, a network, disks, and a time
 * that moves only when told to. Between two events all promise work is done, so that the same seed gives the same run.
 */
export class SimulatedWorld {
  readonly network: SimulatedNetwork;
  /** Writes to the journals of all hosts that fail; `disk(host)` is for one. */
  readonly journals = new SimulatedWriteFaults();
  readonly #scheduler = new SimulatedScheduler();
  readonly #seed: number | string;
  readonly #startMs: number;
  readonly #hosts = new Map<string, Host>();
  #isMoving = false;

  constructor(options: SimulatedWorldOptions) {
    assertSeed(options?.seed, "new SimulatedWorld({ seed: 7 })");
    checkOptionNames(options, WORLD_OPTIONS);
    if (options.startMs !== undefined) assertFinite("startMs", options.startMs, "epoch milliseconds");
    this.#seed = options.seed;
    this.#startMs = options.startMs ?? DEFAULT_START_MS;
    const random = new SeededRandom(options.seed, "network");
    this.network = new SimulatedNetwork(this.#scheduler, random, {
      hosts: () => [...this.#hosts.keys()],
      processOf: (host) => this.#hosts.get(host)?.process,
    });
  }

  /** The true time, epoch milliseconds; a host's clock adds its skew and drift. */
  now(): number {
    return this.#startMs + this.#scheduler.elapsedMs;
  }

  /** Milliseconds since the start of the world. */
  elapsedMs(): number {
    return this.#scheduler.elapsedMs;
  }

  /** The runtime of a host's process; after `kill(name)` that of a new process with the same disk. */
  runtime(name = "main", options: { readonly clockSkewMs?: number | undefined } = {}): Runtime {
    checkOptionNames(options, { clockSkewMs: true });
    if (options.clockSkewMs !== undefined) assertFinite("clockSkewMs", options.clockSkewMs, "milliseconds");
    let host = this.#hosts.get(name);
    if (host === undefined) {
      host = {
        disk: new SimulatedDisk(),
        standardError: new SimulatedOutput(),
        wall: new WallClock(),
        restarts: 0,
        process: new SimulatedProcess(name, this.#scheduler.elapsedMs),
        runtime: undefined,
      };
      this.#hosts.set(name, host);
    }
    if (options.clockSkewMs !== undefined) this.setClockSkew(name, options.clockSkewMs);
    if (host.runtime === undefined || !host.process.isAlive) {
      if (!host.process.isAlive) host.process = new SimulatedProcess(name, this.#scheduler.elapsedMs);
      host.restarts += 1;
      host.runtime = this.#start(host);
      this.network.resume(name);
    }
    return host.runtime;
  }

  /**
   * Sets a host's wall clock `clockSkewMs` before the true time, or behind it where that is negative. Timers and the
   * monotonic clock follow the true time, whatever the wall clock does.
   */
  setClockSkew(name: string, clockSkewMs: number): void {
    const { wall } = this.#host(name);
    assertFinite("clockSkewMs", clockSkewMs, "milliseconds");
    wall.setOffset(clockSkewMs, this.#scheduler.elapsedMs);
    this.#scheduler.record(`clock skew ${name} ${clockSkewMs}`);
  }

  /** Moves a host's wall clock by `ms`, back where that is negative, as a correction by NTP or by hand does. */
  stepClock(name: string, ms: number): void {
    const { wall } = this.#host(name);
    assertFinite("the step of a clock", ms, "milliseconds");
    wall.setOffset(wall.offsetMs(this.#scheduler.elapsedMs) + ms, this.#scheduler.elapsedMs);
    this.#scheduler.record(`clock step ${name} ${ms}`);
  }

  /**
   * Lets a host's wall clock gain `partsPerMillion` microseconds a second from now on, or lose them where that is
   * negative: a machine without NTP has up to 100. It keeps the time that it has gained so far.
   */
  setClockDrift(name: string, partsPerMillion: number): void {
    const { wall } = this.#host(name);
    assertFinite("the drift of a clock", partsPerMillion, "parts per million");
    wall.setDrift(partsPerMillion, this.#scheduler.elapsedMs);
    this.#scheduler.record(`clock drift ${name} ${partsPerMillion}`);
  }

  /**
   * Lets a host's process stand still: nothing of it runs, nothing that it would send leaves, and what comes in waits; its
   * peers see open connections without a sign of life. `kind` says what stands still with it: `process` by default.
   * Nothing happens to one that is paused already, or dead.
   */
  pause(name: string, kind: PauseKind = "process"): void {
    const { process } = this.#host(name);
    assertOneOf("the kind of a pause", kind, PAUSES);
    if (!process.isAlive || process.isPaused) return;
    process.pause(kind, this.#scheduler.elapsedMs);
    this.#scheduler.record(`pause ${name} ${kind}`);
  }

  /**
   * Lets a paused process go on: first its timers that have come due, in their order, then what came in, in its order. Its
   * wall clock has moved on. So have the monotonic clock and timers after a pause of the process alone; after one of the
   * machine timers wait for what they had left.
   */
  resume(name: string): void {
    const { process } = this.#host(name);
    if (!process.isPaused) return;
    this.#scheduler.record(`resume ${name}`);
    this.#scheduler.resume(process, process.resume(this.#scheduler.elapsedMs));
    this.network.resume(name);
  }

  /** Pauses as `pause` does and resumes after `ms`. */
  pauseFor(name: string, ms: number, kind: PauseKind = "process"): void {
    const { process } = this.#host(name);
    assertOneOf("the kind of a pause", kind, PAUSES);
    assertTime("the time of a pause", ms);
    if (!process.isAlive || process.isPaused) return;
    this.pause(name, kind);
    const { pauses } = process;
    this.#scheduler.schedule(ms, `end of a pause of ${name}`, () => {
      if (process.pauses === pauses) this.resume(name);
    });
  }

  /**
   * Text that the host's processes have written to standard error; of much text the last part. Nothing of it is shown.
   */
  standardError(name = "main"): string {
    return this.#host(name).standardError.text;
  }

  /**
   * Ends the process as `kill -9` does: its timers, messages and promises are gone, and its peers see their connections
   * break. Code of it that is on the stack runs to its end unseen: what it writes, sends, logs, or tells listeners and
   * whoever waits for a result, comes to nothing, without an error.
   */
  kill(name: string): void {
    this.#end(this.#host(name), false);
  }

  /**
   * Takes a host its power: the process ends as by `kill`, what the disk did not have yet is gone, and peers hear nothing.
   * A journal that was opened with durability `process` (the default) loses any number of the transactions since SQLite
   * last synced its log, the last ones, each whole: it syncs when the journal is closed and after about 1,000 writes. A
   * journal opened with `power` loses nothing, and what `files.writeText` wrote is kept: both are synced. Connections stay
   * open for the peers, and requests without an answer, until the peers' own timeouts; what they send reaches the machine
   * once `runtime(name)` has started it again, and breaks the connection.
   */
  cutPower(name: string): void {
    const host = this.#host(name);
    if (!host.process.isAlive) return;
    this.#end(host, true);
    host.disk.losePower(new SeededRandom(this.#seed, `power of ${name} ${host.restarts}`));
  }

  #end({ process, disk }: Host, isPowerCut: boolean): void {
    if (!process.isAlive) return;
    process.end(isPowerCut);
    disk.writesUntilKill = Number.POSITIVE_INFINITY;
    for (const store of [...disk.open.values()]) store.processEnded();
    this.network.processEnded(process, isPowerCut);
    this.#scheduler.record(`${isPowerCut ? "power cut" : "kill"} ${process.host}`);
  }

  /**
   * Faults of a host's disk: writes that fail from a point on, of its journals' rows, of a new journal and of files, with
   * the errors of a full disk. What is there can be read.
   */
  disk(name: string): SimulatedWriteFaults {
    return this.#host(name).disk.faults;
  }

  /** The process makes `writes` more journal writes and is killed by the next one, which is not kept. */
  killAfterWrites(name: string, writes: number): void {
    const { disk } = this.#host(name);
    assertWrites(writes);
    disk.writesUntilKill = writes;
  }

  /** Tells that a process runs on the host: it has not been killed since `runtime(name)` last started one. */
  isAlive(name: string): boolean {
    return this.#hosts.get(name)?.process.isAlive === true;
  }

  /** Tells that the host's process stands still: `pause(name)` was called and `resume(name)` was not. */
  isPaused(name: string): boolean {
    return this.#hosts.get(name)?.process.isPaused === true;
  }

  /** Timers and requests that the host's process waits for. */
  pending(name: string): number {
    return this.#scheduler.pendingOf(this.#host(name).process);
  }

  /** Moves time on by `ms` and runs what is due, in order. A callback's error comes out of here. */
  async advance(ms: number): Promise<void> {
    assertTime("the time to advance by", ms);
    await this.#move(async () => {
      const untilMs = this.#scheduler.elapsedMs + ms;
      while (this.#scheduler.runNext(untilMs)) await promiseWorkAfter(this.#scheduler.eventsRun);
      this.#scheduler.moveTo(untilMs);
    });
  }

  /** Lets pending promise work finish; time stands still. */
  async settle(): Promise<void> {
    await promiseWork();
  }

  /** Moves time from event to event until `promise` settles, for at most `limitMs` (ten minutes by default). */
  async run<T>(promise: PromiseLike<T>, options: { readonly limitMs?: number | undefined } = {}): Promise<T> {
    checkOptionNames(options, { limitMs: true });
    const limitMs = options.limitMs ?? DEFAULT_RUN_LIMIT_MS;
    assertLimit("limitMs", limitMs);
    let isSettled = false;
    const settled = Promise.resolve(promise).finally(() => {
      isSettled = true;
    });
    settled.catch(() => {});
    await this.#move(async () => {
      const untilMs = this.#scheduler.elapsedMs + limitMs;
      while (!isSettled) {
        if (this.#scheduler.runNext(untilMs)) await promiseWorkAfter(this.#scheduler.eventsRun);
        else if (this.#scheduler.nextDueMs() !== undefined) {
          throw new Error(`the promise is still pending after ${limitMs} ms of virtual time`);
        } else await this.#waitOutside(() => isSettled);
      }
    });
    return settled;
  }

  /** A hash of everything that has happened: equal for two runs of the same seed. */
  trace(): string {
    return this.#scheduler.trace();
  }

  async #move(work: () => Promise<void>): Promise<void> {
    if (this.#isMoving) throw new Error("the world is already moving: await the earlier advance() or run() first");
    this.#isMoving = true;
    try {
      await promiseWork();
      await work();
    } finally {
      this.#isMoving = false;
    }
  }

  async #waitOutside(isSettled: () => boolean): Promise<void> {
    for (let count = 0; count < REAL_TURNS_BEFORE_GIVING_UP; count += 1) {
      await new Promise((resolve) => setTimeout(resolve, 1));
      await promiseWork();
      if (isSettled() || this.#scheduler.nextDueMs() !== undefined) return;
    }
    throw new Error(
      `the promise is still pending and nothing is scheduled any more (${this.#scheduler.elapsedMs} ms after the start)`,
    );
  }

  #host(name: string): Host {
    const host = this.#hosts.get(name);
    if (host === undefined) throw noSuchHost(name, [...this.#hosts.keys()]);
    return host;
  }

  #start(host: Host): Runtime {
    const { process, disk } = host;
    const scheduler = this.#scheduler;
    const clock = simulatedClock(process, host.wall, scheduler, this.#startMs);
    const random: Random = new SeededRandom(this.#seed, `host ${process.host} ${host.restarts}`);
    const kill = () => this.kill(process.host);
    return {
      clock,
      random,
      timers: simulatedTimers(process, scheduler),
      http: new SimulatedHttpClient(process, this.network, scheduler),
      webSocket: new SimulatedWebSocketClient(process, this.network, scheduler),
      server: new SimulatedServerHost(process, this.network),
      journals: new SimulatedJournalStores({ process, disk, faults: this.journals, scheduler, kill }),
      files: new SimulatedFiles(process, disk, scheduler),
      standardError: {
        write: (text) => {
          if (!process.isAlive) return;
          scheduler.record(text);
          host.standardError.write(text);
        },
      },
      isNetworkSimulated: true,
      isEnded: () => !process.isAlive,
    };
  }
}

class SimulatedOutput {
  text = "";

  write(text: string): void {
    this.text = `${this.text}${text}`.slice(-OUTPUT_KEPT);
  }
}
