import type { Random, ServerOptions } from "./runtime.ts";
import { assertLatency, noSuchHost } from "./simulated-checks.ts";
import type { NetworkFaults } from "./simulated-faults.ts";
import { runUntilEnd, type SimulatedProcess } from "./simulated-process.ts";
import type { SimulatedScheduler } from "./simulated-scheduler.ts";

/** One way, in milliseconds: each message draws its own between the two. */
export interface SimulatedLatency {
  readonly minMs: number;
  readonly maxMs: number;
}

export interface SimulatedListener {
  readonly process: SimulatedProcess;
  readonly host: string;
  readonly port: number;
  readonly options: ServerOptions;
}

/** A connection or a request under way: what a kill, a reset or a closing server must reach. */
export interface SimulatedLink {
  readonly client: SimulatedProcess;
  server: SimulatedListener | undefined;
  /** Breaks the connection at both ends, now. */
  reset(): void;
  /** The process is gone: the other end sees the connection break when the news has travelled, if there is any. */
  processEnded(process: SimulatedProcess, isSilent: boolean): void;
}

/** View that the network has of the machines of its world. */
export interface SimulatedMachines {
  /** Names of those that were made. */
  hosts(): readonly string[];
  processOf(host: string): SimulatedProcess | undefined;
}

const ANY_HOST = "*";

/** A network in memory. Every host of the world reaches every listener by the host and port it listens on. */
export class SimulatedNetwork {
  faults: NetworkFaults = {};
  readonly #scheduler: SimulatedScheduler;
  readonly #random: Random;
  readonly #machines: SimulatedMachines;
  #latency: SimulatedLatency = { minMs: 1, maxMs: 3 };
  /** Machines that will be there. */
  readonly #announced = new Set<string>();
  readonly #listeners = new Map<string, SimulatedListener>();
  /** Last host of each listener, by its address: a machine without power is still there. */
  readonly #hosts = new Map<string, string>();
  readonly #links = new Set<SimulatedLink>();
  #isolatedHosts: Set<string> | "all" = new Set();
  readonly #latencies = new Map<string, SimulatedLatency>();
  #parked: (() => void)[] = [];
  /** Deliveries that wait for a host that stands still. */
  readonly #waiting = new Map<string, (() => void)[]>();
  #held: (() => void)[] = [];
  #nextPort = 49_152;
  #connections = 0;

  constructor(scheduler: SimulatedScheduler, random: Random, machines: SimulatedMachines) {
    this.#scheduler = scheduler;
    this.#random = random;
    this.#machines = machines;
  }

  /** Latency of every message, except between hosts of `setLatency`. */
  get latency(): SimulatedLatency {
    return this.#latency;
  }

  set latency(latency: SimulatedLatency) {
    assertLatency(latency);
    this.#latency = latency;
  }

  /** @internal A host that may be named before its first process is made. */
  announce(host: string): void {
    this.#announced.add(host);
  }

  #assertHost(name: string): void {
    const hosts = new Set([...this.#machines.hosts(), ...this.#announced]);
    if (!hosts.has(name)) throw noSuchHost(name, [...hosts]);
  }

  /**
   * Latency of what the host `from` sends to the host `to` from now on, and not of what comes back; "*" is any host. The pair
   * comes before `from` alone, that before `to` alone, that before `latency`. `undefined` takes a rule back. Messages that
   * are on their way keep theirs, and none overtakes another within a connection.
   */
  setLatency(from: string, to: string, latency: SimulatedLatency | undefined): void {
    for (const host of [from, to]) if (host !== ANY_HOST) this.#assertHost(host);
    if (latency !== undefined) assertLatency(latency);
    if (latency === undefined) this.#latencies.delete(direction(from, to));
    else this.#latencies.set(direction(from, to), latency);
  }

  /** Cuts `host` off from all others, or all from all. Messages wait, as TCP retransmits, and arrive after `heal()`. */
  partition(host?: string): void {
    if (host !== undefined) this.#assertHost(host);
    this.#scheduler.record(`partition ${host ?? ""}`);
    if (host === undefined) this.#isolatedHosts = "all";
    else if (this.#isolatedHosts !== "all") this.#isolatedHosts.add(host);
  }

  heal(): void {
    this.#scheduler.record("heal");
    this.#isolatedHosts = new Set();
    for (const resume of this.#parked.splice(0)) resume();
  }

  /** Breaks the connections and requests under way: all of them, or those of one host. */
  resetConnections(host?: string): void {
    if (host !== undefined) this.#assertHost(host);
    this.#scheduler.record(`reset connections ${host ?? ""}`);
    for (const link of [...this.#links]) {
      if (host === undefined || link.client.host === host || link.server?.process.host === host) link.reset();
    }
  }

  /** Delivers what the fault `hold` kept back, in the order in which it was sent. */
  releaseHeld(): void {
    this.#scheduler.record("release held");
    for (const deliver of this.#held.splice(0)) deliver();
  }

  /** @internal */
  hold(deliver: () => void): void {
    this.#held.push(deliver);
  }

  /** @internal */
  park(resume: () => void): void {
    this.#parked.push(resume);
  }

  /** @internal */
  isStill(host: string): boolean {
    return this.#machines.processOf(host)?.isStill === true;
  }

  /** @internal What came in for a process, or would leave it, while its host stood still. */
  wait(host: string, work: () => void): void {
    const waiting = this.#waiting.get(host);
    if (waiting === undefined) this.#waiting.set(host, [work]);
    else waiting.push(work);
  }

  /** @internal The host runs again. */
  resume(host: string): void {
    const waiting = this.#waiting.get(host) ?? [];
    this.#waiting.delete(host);
    for (const work of waiting) work();
  }

  /** @internal Hands something to the process of a host, now or when it runs again. */
  deliver(to: string, label: string, message: () => void): void {
    const process = this.#machines.processOf(to);
    if (process?.isStill !== true) runUntilEnd(process, message);
    else this.wait(to, () => void this.#scheduler.schedule(0, label, () => this.deliver(to, label, message)));
  }

  /** @internal A name server answers, whom no partition reaches. */
  afterLookUp(host: string, work: () => void): void {
    const answer = () => this.deliver(host, "look-up", work);
    this.#scheduler.schedule(this.drawLatencyMs(host, ANY_HOST), `look-up ${host}`, answer);
  }

  /** @internal */
  isCut(from: string, to: string): boolean {
    if (this.#isolatedHosts === "all") return true;
    return from !== to && (this.#isolatedHosts.has(from) || this.#isolatedHosts.has(to));
  }

  /** @internal */
  drawLatencyMs(from: string, to: string): number {
    const { minMs, maxMs } = this.#latencyOf(from, to);
    return minMs + this.#random.float() * (maxMs - minMs);
  }

  #latencyOf(from: string, to: string): SimulatedLatency {
    if (this.#latencies.size === 0) return this.#latency;
    const rule = this.#latencies.get(direction(from, to)) ?? this.#latencies.get(direction(from, ANY_HOST));
    return rule ?? this.#latencies.get(direction(ANY_HOST, to)) ?? this.#latency;
  }

  /** @internal */
  nextConnectionNumber(): number {
    this.#connections += 1;
    return this.#connections;
  }

  /** @internal */
  pipe(from: string, to: string): SimulatedPipe {
    return new SimulatedPipe(this, this.#scheduler, from, to);
  }

  /** @internal */
  listen(process: SimulatedProcess, options: ServerOptions): SimulatedListener | undefined {
    let port = options.port;
    if (port === 0) {
      do port = this.#nextPort++;
      while (this.find(options.host, port) !== undefined);
    }
    if (this.#listeners.has(address(options.host, port))) return undefined;
    const listener = { process, host: options.host, port, options };
    this.#listeners.set(address(options.host, port), listener);
    this.#hosts.set(address(options.host, port), process.host);
    return listener;
  }

  /** @internal Stops listening and breaks what came in through it. */
  unlisten(listener: SimulatedListener): void {
    this.#listeners.delete(address(listener.host, listener.port));
    for (const link of [...this.#links]) if (link.server === listener) link.reset();
  }

  /** @internal */
  find(host: string, port: number): SimulatedListener | undefined {
    return this.#listeners.get(address(host, port)) ?? this.#listeners.get(address("0.0.0.0", port));
  }

  /** @internal The host behind an address, which may have no listener any more. */
  hostOf(host: string, port: number): string {
    const found = this.find(host, port)?.process.host ?? this.#hosts.get(address(host, port));
    return found ?? this.#hosts.get(address("0.0.0.0", port)) ?? host;
  }

  /** @internal */
  add(link: SimulatedLink): void {
    this.#links.add(link);
  }

  /** @internal */
  remove(link: SimulatedLink): void {
    this.#links.delete(link);
  }

  /** @internal With `isSilent` no peer hears of it. */
  processEnded(process: SimulatedProcess, isSilent: boolean): void {
    this.#waiting.delete(process.host);
    for (const [key, listener] of this.#listeners) if (listener.process === process) this.#listeners.delete(key);
    for (const link of [...this.#links]) {
      if (link.client === process || link.server?.process === process) link.processEnded(process, isSilent);
    }
  }
}

/** One direction of a connection: every message takes its time, none overtakes another. */
export class SimulatedPipe {
  readonly #network: SimulatedNetwork;
  readonly #scheduler: SimulatedScheduler;
  readonly #from: string;
  readonly #to: string;
  readonly #queue: { readonly label: string; readonly size: number; readonly deliver: () => void }[] = [];
  readonly #label: string;
  #waiting = 0;
  #lastDueMs = 0;

  constructor(network: SimulatedNetwork, scheduler: SimulatedScheduler, from: string, to: string) {
    this.#network = network;
    this.#scheduler = scheduler;
    this.#from = from;
    this.#to = to;
    this.#label = direction(from, to);
  }

  /** Characters that wait behind a partition, or for a host that stands still. */
  get waiting(): number {
    if (!this.#network.isCut(this.#from, this.#to) && !this.#network.isStill(this.#to)) return 0;
    return this.#waiting;
  }

  send(label: string, deliver: () => void, extraMs = 0, size = 0): void {
    if (this.#network.isStill(this.#from)) {
      this.#network.wait(this.#from, () => this.send(label, deliver, extraMs, size));
      return;
    }
    this.#queue.push({ label, size, deliver });
    this.#waiting += size;
    this.#scheduleNext(extraMs);
  }

  /** Delivers outside of the order. */
  sendLate(label: string, deliver: () => void, extraMs: number): void {
    const network = this.#network;
    if (network.isStill(this.#from)) {
      network.wait(this.#from, () => this.sendLate(label, deliver, extraMs));
      return;
    }
    const arrive = () => {
      if (network.isCut(this.#from, this.#to)) network.park(() => this.sendLate(label, deliver, 0));
      else network.deliver(this.#to, label, deliver);
    };
    const delayMs = network.drawLatencyMs(this.#from, this.#to) + extraMs;
    this.#scheduler.schedule(delayMs, `${this.#label} ${label}`, arrive);
  }

  #scheduleNext(extraMs: number): void {
    const latencyMs = this.#network.drawLatencyMs(this.#from, this.#to);
    const dueMs = Math.max(this.#lastDueMs, this.#scheduler.elapsedMs + latencyMs + extraMs);
    this.#lastDueMs = dueMs;
    this.#scheduleArrival(dueMs - this.#scheduler.elapsedMs);
  }

  #scheduleArrival(delayMs: number): void {
    this.#scheduler.schedule(delayMs, this.#label, () => this.#arrive());
  }

  #arrive(): void {
    const network = this.#network;
    if (network.isCut(this.#from, this.#to)) {
      network.park(() => this.#scheduleNext(0));
      return;
    }
    if (network.isStill(this.#to)) {
      network.wait(this.#to, () => this.#scheduleArrival(0));
      return;
    }
    const message = this.#queue.shift();
    if (message === undefined) return;
    this.#waiting -= message.size;
    this.#scheduler.record(message.label);
    network.deliver(this.#to, message.label, message.deliver);
  }
}

function direction(from: string, to: string): string {
  return `${from}>${to}`;
}

function address(host: string, port: number): string {
  const name = host.toLowerCase().replace(/^\[(.*)\]$/, "$1");
  return `${name === "localhost" || name === "::1" ? "127.0.0.1" : name}:${port}`;
}
