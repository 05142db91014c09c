import { Socket } from "node:net";
import type { buildConnector } from "undici";

type Connect = buildConnector.connector;

/**
 * Age at which a connection is replaced: servers end one that asks nothing after a minute, and what stands between may forget
 * it sooner, without a word. An order that is sent over it then has an unknown outcome.
 */
const MAX_AGE_MS = 15_000;
/**
 * Time after a connection that could not be made, or that ended unused, before others are made in its place; twice as long
 * each time until one is taken or grows old.
 */
const PAUSE_MS = 5_000;
const MAX_PAUSE_MS = 300_000;
const NEWS = ["readable", "end", "error", "close"] as const;

/**
 * Connections to one server that are made ahead, with TLS, for requests that find none: each order of a first burst would
 * wait for a handshake. They send nothing, and keep no process alive.
 */
export class SpareConnections {
  readonly #make: Connect;
  readonly #target: Parameters<Connect>[0];
  /** Connections, each with the end of its watch. */
  readonly #spare = new Map<Socket, () => void>();
  #wanted = 0;
  #opening = 0;
  /** Sockets of the connections that are being made. */
  readonly #unfinished = new Set<Socket>();
  #pause: NodeJS.Timeout | undefined;
  #pauseMs = PAUSE_MS;

  constructor(make: Connect, target: Parameters<Connect>[0]) {
    this.#make = make;
    this.#target = target;
  }

  /** Number of connections that are kept ready. */
  get wanted(): number {
    return this.#wanted;
  }

  /** Keeps so many ready from now on. */
  keep(count: number): void {
    this.#wanted = count;
    for (const socket of [...this.#spare.keys()].slice(count)) this.#takeOut(socket).destroy();
    // A handshake that the server never ends would keep a program alive that has stopped.
    if (count === 0) for (const socket of this.#unfinished) socket.destroy(new Error("the connection is not wanted"));
    this.#fill();
  }

  /** Gives a connection that is ready, or makes one. */
  readonly connect: Connect = (options, callback) => {
    const [socket] = this.#spare.keys();
    if (socket === undefined || socket.destroyed) {
      this.#make(options, callback);
      return;
    }
    // undici does not go on where it is called back before its own call returns.
    const taken = this.#takeOut(socket).ref();
    this.#pauseMs = PAUSE_MS;
    queueMicrotask(() => callback(null, taken));
    this.#fill();
  };

  #fill(): void {
    if (this.#pause !== undefined) return;
    for (let missing = this.#wanted - this.#spare.size - this.#opening; missing > 0; missing -= 1) {
      this.#opening += 1;
      // undici returns the socket, which its types do not say.
      const unfinished: unknown = this.#make(this.#target, (...[error, socket]) => {
        this.#opening -= 1;
        if (unfinished instanceof Socket) this.#unfinished.delete(unfinished);
        if (error !== null) this.#waitAWhile();
        else if (this.#spare.size >= this.#wanted) socket.destroy();
        else this.#putIn(socket);
      });
      if (unfinished instanceof Socket) this.#unfinished.add(unfinished);
    }
  }

  #putIn(socket: Socket): void {
    const discard = (): void => void this.#takeOut(socket).destroy();
    const age = setTimeout(() => {
      discard();
      this.#pauseMs = PAUSE_MS;
      this.#fill();
    }, MAX_AGE_MS).unref();
    // Whatever a server says before it was asked, such as that it waits no longer, makes the connection useless.
    const onNews = (): void => {
      discard();
      this.#waitAWhile();
    };
    for (const event of NEWS) socket.on(event, onNews);
    this.#spare.set(socket, () => {
      clearTimeout(age);
      for (const event of NEWS) socket.off(event, onNews);
    });
    socket.unref();
  }

  #takeOut(socket: Socket): Socket {
    this.#spare.get(socket)?.();
    this.#spare.delete(socket);
    return socket;
  }

  #waitAWhile(): void {
    if (this.#pause !== undefined || this.#wanted === 0) return;
    this.#pause = setTimeout(() => {
      this.#pause = undefined;
      this.#fill();
    }, this.#pauseMs).unref();
    this.#pauseMs = Math.min(this.#pauseMs * 2, MAX_PAUSE_MS);
  }
}
