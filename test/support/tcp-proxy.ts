import { type AddressInfo, createServer, connect as dial, type Server, type Socket } from "node:net";
import { SeededRandom } from "../../src/runtime/simulated-random.ts";

export type Direction = "up" | "down";

/** What a connection suffers; `up` is from the client to the server. */
export interface ConnectionFault {
  /** Milliseconds that bytes of a direction are late; their order stays. */
  readonly delayMs?: Partial<Readonly<Record<Direction, number>>> | undefined;
  /** Bytes are passed on in pieces of this many, wherever that cuts them, and joined across the sender's writes. */
  readonly pieces?: readonly [least: number, most: number] | undefined;
  /** Bytes of a direction go in steps of so many a millisecond. */
  readonly bytesPerMs?: number | undefined;
  /** The connection breaks (RST both ways) so many bytes after its start, or after the first head of HTTP of a direction. */
  readonly resetAt?:
    | { readonly direction: Direction; readonly after: "start" | "head"; readonly bytes: number }
    | undefined;
  /** Bytes are taken and go nowhere from here on; the connection stays open. */
  readonly swallow?: "atOnce" | { readonly afterHead: Direction } | undefined;
  /** Connections of this kind only; others wait for another fault. */
  readonly of?: "http" | "webSocket" | undefined;
}

const NO_FAULT: ConnectionFault = {};
const HEAD_END = "\r\n\r\n";
const MAX_HEAD = 65_536;

/** Stands between a client and a server on real sockets, and does to their bytes what networks do. The seed decides all chance. */
export class TcpProxy implements AsyncDisposable {
  readonly #server: Server;
  readonly #pairs = new Set<ProxiedPair>();
  readonly #queue: ConnectionFault[] = [];
  readonly random: SeededRandom;
  /** For each connection that finds none in `next`, of those that are open already as well. */
  fault: ConnectionFault = NO_FAULT;
  /** Every so many a new connection meets one of these, by the seed. */
  chance: { readonly rate: number; readonly faults: readonly ConnectionFault[] } | undefined;
  connections = 0;
  /** How many the faults have broken. */
  resets = 0;
  swallowed = 0;

  private constructor(server: Server, seed: number) {
    this.#server = server;
    this.random = new SeededRandom(seed, "tcp proxy");
  }

  static async start(targetPort: number, seed: number): Promise<TcpProxy> {
    const server = createServer({ noDelay: true });
    const proxy = new TcpProxy(server, seed);
    server.on("connection", (client) => proxy.#accept(client, targetPort));
    const listening = Promise.withResolvers<void>();
    server.listen(0, "127.0.0.1", () => listening.resolve());
    await listening.promise;
    return proxy;
  }

  get port(): number {
    return (this.#server.address() as AddressInfo).port;
  }

  /** The same URL through the proxy. */
  through(url: string): string {
    const proxied = new URL(url);
    proxied.port = String(this.port);
    return proxied.href.replace(/\/$/, "");
  }

  /** Faults of the connections to come, one each, in turn. */
  next(...faults: readonly ConnectionFault[]): void {
    this.#queue.push(...faults);
  }

  get waiting(): number {
    return this.#queue.length;
  }

  /** Breaks every connection that is open. */
  resetAll(): void {
    for (const pair of this.#pairs) pair.reset();
  }

  /** @internal */
  take(kind: "http" | "webSocket"): ConnectionFault {
    const at = this.#queue.findIndex(({ of = kind }) => of === kind);
    if (at >= 0) return this.#queue.splice(at, 1)[0] ?? NO_FAULT;
    const { rate, faults } = this.chance ?? { rate: 0, faults: [] };
    if (this.random.float() >= rate) return this.fault;
    return faults[this.random.integer(faults.length)] ?? this.fault;
  }

  #accept(client: Socket, port: number): void {
    this.connections += 1;
    const pair = new ProxiedPair(this, client, dial({ port, host: "127.0.0.1", noDelay: true }));
    this.#pairs.add(pair);
    pair.onEnd = () => this.#pairs.delete(pair);
  }

  async [Symbol.asyncDispose](): Promise<void> {
    const closed = Promise.withResolvers<void>();
    this.#server.close(() => closed.resolve());
    this.resetAll();
    await closed.promise;
  }
}

/** One connection: its two sockets, and what its fault does between them. */
class ProxiedPair {
  readonly #proxy: TcpProxy;
  readonly #sockets: Readonly<Record<Direction, Socket>>;
  readonly #pipes: Readonly<Record<Direction, Pipe>>;
  #own: ConnectionFault | undefined;
  #isEnded = false;
  onEnd: () => void = () => undefined;

  constructor(proxy: TcpProxy, client: Socket, server: Socket) {
    this.#proxy = proxy;
    this.#sockets = { up: client, down: server };
    const fault = () => this.#own ?? proxy.fault;
    this.#pipes = {
      up: new Pipe("up", server, fault, proxy, () => this.reset()),
      down: new Pipe("down", client, fault, proxy, () => this.reset()),
    };
    for (const direction of ["up", "down"] as const) {
      const from = this.#sockets[direction];
      from.on("data", (chunk: Buffer) => this.#pass(direction, chunk));
      from.on("end", () => this.#pipes[direction].end());
      from.on("error", () => this.reset());
      from.on("close", () => this.#ended(direction));
    }
  }

  #pass(direction: Direction, chunk: Buffer): void {
    // The first bytes of the client say what kind of connection it is.
    if (direction === "up" && this.#own === undefined) {
      const own = this.#proxy.take(/^upgrade: *websocket/im.test(chunk.toString("latin1")) ? "webSocket" : "http");
      if (own !== this.#proxy.fault) this.#own = own;
      if (own.swallow !== undefined) this.#proxy.swallowed += 1;
    }
    this.#pipes[direction].take(chunk);
  }

  #ended(direction: Direction): void {
    if (this.#isEnded) return;
    if (this.#sockets[direction].readableEnded) return;
    this.reset();
  }

  reset(): void {
    if (this.#isEnded) return;
    this.#isEnded = true;
    for (const pipe of Object.values(this.#pipes)) pipe.stop();
    for (const socket of Object.values(this.#sockets)) breakOff(socket);
    this.onEnd();
  }
}

/**
 * Resets a connection. libuv refuses to while its end is on its way, and Node then never lets go of the socket: a program
 * that was done stayed, with a core to itself.
 */
export function breakOff(socket: Socket): void {
  if (socket.writableEnded && !socket.writableFinished) socket.destroy();
  else socket.resetAndDestroy();
}

/** The bytes of one direction, in order. */
class Pipe {
  readonly #direction: Direction;
  readonly #to: Socket;
  readonly #fault: () => ConnectionFault;
  readonly #proxy: TcpProxy;
  readonly #reset: () => void;
  #waiting = Buffer.alloc(0);
  #timer: NodeJS.Timeout | undefined;
  #passed = 0;
  /** Where the first head ends, once it has been seen; its last bytes until then. */
  #headEnd: number | undefined;
  #head = "";
  #hasEnded = false;

  constructor(direction: Direction, to: Socket, fault: () => ConnectionFault, proxy: TcpProxy, reset: () => void) {
    this.#direction = direction;
    this.#to = to;
    this.#fault = fault;
    this.#proxy = proxy;
    this.#reset = reset;
  }

  take(chunk: Buffer): void {
    this.#noteHead(chunk);
    if (this.#isSwallowed()) return;
    this.#waiting = Buffer.concat([this.#waiting, chunk]);
    this.#schedule();
  }

  end(): void {
    this.#hasEnded = true;
    this.#schedule();
  }

  stop(): void {
    clearTimeout(this.#timer);
    this.#waiting = Buffer.alloc(0);
  }

  #noteHead(chunk: Buffer): void {
    if (this.#headEnd !== undefined || this.#head.length > MAX_HEAD) return;
    this.#head += chunk.toString("latin1");
    const end = this.#head.indexOf(HEAD_END);
    if (end >= 0) this.#headEnd = end + HEAD_END.length;
  }

  #isSwallowed(): boolean {
    const { swallow } = this.#fault();
    if (swallow === undefined) return false;
    return (
      swallow === "atOnce" ||
      (swallow.afterHead === this.#direction && this.#headEnd !== undefined && this.#passed >= this.#headEnd)
    );
  }

  #schedule(): void {
    if (this.#timer !== undefined) return;
    const { delayMs, pieces, bytesPerMs } = this.#fault();
    const lateMs = delayMs?.[this.#direction] ?? 0;
    if (lateMs === 0 && pieces === undefined && bytesPerMs === undefined) {
      this.#send(this.#waiting.length);
      return;
    }
    // Bytes that come while others wait are joined to them.
    const waitMs = lateMs > 0 ? lateMs : pieces === undefined ? 1 : this.#proxy.random.integer(3);
    this.#timer = setTimeout(() => {
      this.#timer = undefined;
      this.#send(bytesPerMs ?? this.#waiting.length);
      if (this.#waiting.length > 0) this.#schedule();
    }, waitMs);
  }

  #send(most: number): void {
    const { pieces } = this.#fault();
    const bytes = this.#waiting.subarray(0, most);
    this.#waiting = this.#waiting.subarray(bytes.length);
    for (let at = 0; at < bytes.length; ) {
      const size =
        pieces === undefined ? bytes.length : pieces[0] + this.#proxy.random.integer(pieces[1] - pieces[0] + 1);
      if (!this.#write(bytes.subarray(at, at + size))) return;
      at += size;
    }
    if (this.#hasEnded && this.#waiting.length === 0) this.#to.end();
  }

  /** False when the connection broke within these bytes. */
  #write(bytes: Buffer): boolean {
    const limit = this.#resetLimit();
    if (limit !== undefined && this.#passed + bytes.length > limit) {
      const rest = bytes.subarray(0, Math.max(0, limit - this.#passed));
      this.#proxy.resets += 1;
      // What is written before the reset has to arrive, or the cut would be somewhere else.
      if (rest.length === 0) this.#reset();
      else this.#to.write(rest, () => setTimeout(this.#reset, 2));
      this.stop();
      return false;
    }
    this.#passed += bytes.length;
    this.#to.write(bytes);
    return true;
  }

  #resetLimit(): number | undefined {
    const { resetAt } = this.#fault();
    if (resetAt?.direction !== this.#direction) return undefined;
    if (resetAt.after === "start") return resetAt.bytes;
    return this.#headEnd === undefined ? undefined : this.#headEnd + resetAt.bytes;
  }
}
