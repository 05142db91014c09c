/**
 * The ports through which time, chance, the network and the disk come in. The real ones are in `node-*.ts`, loaded
 * lazily; `simulated.ts` has virtual time, a network in memory and a store in memory, driven by a seed.
 */
export interface Runtime {
  readonly clock: Clock;
  readonly timers: Timers;
  readonly random: Random;
  readonly http: HttpClient;
  readonly webSocket: WebSocketClient;
  readonly server: ServerHost;
  readonly journals: JournalStores;
  readonly files: Files;
  readonly standardError: TextOutput;
  /** Absent where time is virtual: threads run in real time. */
  readonly threads?: ThreadHost | undefined;
  /** True where nothing that is sent leaves this process: data that crosses a real network must be encrypted. */
  readonly isNetworkSimulated?: boolean | undefined;
  /**
   * Tells that the process has been killed while code of it still runs, as only a simulated world can do. Code that
   * tells others something checks it first: events, log lines, results of calls. Absent on a real runtime.
   */
  readonly isEnded?: (() => boolean) | undefined;
}

export interface ThreadHandlers {
  onMessage(message: unknown): void;
  /** The thread has ended by itself, with what ended it. */
  onEnd(reason: string): void;
}

/** A thread of this process. Messages are copied; shared memory in them is shared. */
export interface Thread {
  post(message: unknown): void;
  /** Ends it wherever it is; resolves when it is gone. */
  end(): Promise<void>;
}

export interface ThreadHost {
  /** Runs a module in a thread of its own, without the environment of this process. */
  start(module: URL, data: unknown, handlers: ThreadHandlers): Thread;
}

/** Output for the person who runs the program. */
export interface TextOutput {
  write(text: string): void;
}

export interface Clock {
  /** Wall clock, epoch milliseconds with fraction. May jump. */
  now(): number;
  /** Milliseconds since some start; never goes back. Use it for every duration. */
  monotonic(): number;
  /** Wall clock at a moment of the monotonic one that is just over; `now()` stands in for it. */
  epochOf?(monotonicMs: number): number;
}

export interface Timer {
  cancel(): void;
}

export interface Timers {
  /** Calls back once after `delayMs`. A pending timer keeps the process alive unless `background`. */
  after(delayMs: number, callback: () => void, options?: { readonly background?: boolean }): Timer;
  /** Calls back when all that the network has brought in this turn of the event loop has been handled, before it waits. */
  endOfTurn?(callback: () => void): void;
  /** Resolves after `delayMs`; rejects with `AbortError` as soon as `signal` fires. */
  sleep(delayMs: number, signal?: AbortSignal): Promise<void>;
}

export interface Random {
  /** An integer from 0 to `limit - 1`. */
  integer(limit: number): number;
  /** A float from 0 (included) to 1 (excluded). */
  float(): number;
  /** `length` lower-case hexadecimal digits. */
  hex(length: number): string;
}

export interface HttpRequest {
  readonly method: string;
  readonly url: string;
  readonly headers: Readonly<Record<string, string>>;
  readonly body?: string | undefined;
  /** Time from the call to the last byte of the response. */
  readonly timeoutMs: number;
  readonly signal?: AbortSignal | undefined;
}

export interface HttpResponse {
  readonly status: number;
  /** Names in lower case. */
  readonly headers: Readonly<Record<string, string>>;
  readonly text: string;
}

/**
 * Rejects with `TransportError` (which says whether bytes may have left) or `AbortError` (whose `outcome` says the same);
 * never for a status. A transport error's `code` is `TRANSPORT_` and `REFUSED`, `CONNECT` (no connection for another
 * reason), `TIMEOUT`, `RESET`, `CLOSED` (the client was), `TOO_LARGE` (an answer of more than 32 MB), `INVALID` (nothing
 * that can be sent) or, for a WebSocket, `HANDSHAKE`, with the HTTP status in `venueCode`. Nothing is ever sent twice.
 */
export interface HttpClient {
  request(request: HttpRequest): Promise<HttpResponse>;
  /**
   * Keeps so many connections to the server of a URL made, with TLS, beyond those that requests are on, until what is
   * returned is called. Sends nothing, and tells no failure: a request does.
   */
  keepReady?(url: string, connections: number): () => void;
  close(): Promise<void>;
}

export interface WebSocketHandlers {
  /**
   * A whole text message. Binary ones arrive decoded as UTF-8. Called synchronously, in order. One of more than 16 MB is
   * not read: the connection ends with code 1009.
   */
  onText(text: string): void;
  /**
   * The bytes of a message, before a text is made of them: true when it was read, and `onText` follows where not. They
   * are the caller's again after the call.
   */
  onBytes?(bytes: Uint8Array): boolean;
  onPing?(): void;
  onPong?(): void;
  /** Called once, whoever closed; nothing follows it. */
  onClose(info: WebSocketClose): void;
}

export interface WebSocketClose {
  readonly code: number;
  readonly reason: string;
}

export interface WebSocketOptions {
  readonly headers?: Readonly<Record<string, string>> | undefined;
  readonly handshakeTimeoutMs: number;
  /** Aborts connecting; it does not close an open connection. */
  readonly signal?: AbortSignal | undefined;
}

export interface WebSocketConnection {
  readonly isOpen: boolean;
  /** Throws `TransportError` with `bytesMayHaveLeft: false` when the connection is not open. */
  send(text: string): void;
  ping(): void;
  /** Starts the closing handshake; `onClose` follows. Throws `TypeError` for a code that no frame can carry. */
  close(code?: number, reason?: string): void;
  /** Drops the connection at once; `onClose` follows with code 1006. */
  terminate(): void;
  /** Bytes that were handed to `send` and have not left. */
  readonly bufferedAmount: number;
}

export interface WebSocketClient {
  /** Resolves when the connection is open, before the first `onText`; rejects with `TransportError` or `AbortError`. */
  connect(url: string, handlers: WebSocketHandlers, options: WebSocketOptions): Promise<WebSocketConnection>;
}

/** A request as a server sees it: the raw target and the raw body, for signatures are made over them. */
export interface ServerRequest {
  readonly method: string;
  /** Path and query exactly as sent. */
  readonly target: string;
  /** Names in lower case. */
  readonly headers: Readonly<Record<string, string>>;
  readonly body: string;
  readonly remoteAddress: string;
}

export interface ServerResponse {
  readonly status: number;
  readonly headers?: Readonly<Record<string, string>> | undefined;
  readonly body: string;
  /** Drop the connection instead of answering. */
  readonly reset?: boolean | undefined;
}

export interface ServerConnection {
  readonly request: ServerRequest;
  readonly isOpen: boolean;
  /** Bytes that were handed to `send` and have not left, for the client does not read. */
  readonly bufferedAmount: number;
  send(text: string): void;
  ping(): void;
  close(code?: number, reason?: string): void;
  /** Drops the connection without a closing handshake. */
  terminate(): void;
}

export interface ServerConnectionHandlers {
  onText(text: string): void;
  onClose(info: WebSocketClose): void;
}

export interface TlsIdentity {
  readonly certificate: string;
  readonly privateKey: string;
}

export interface ServerOptions {
  readonly host: string;
  /** 0 lets the system choose. */
  readonly port: number;
  /** TCP connections at once; 1,024 by default. Further ones are dropped. */
  readonly maxConnections?: number | undefined;
  /** A certificate and its key in PEM: the server then speaks TLS, and nothing else. */
  readonly tls?: TlsIdentity | undefined;
  /**
   * Decides after the headers whether the body is needed; otherwise the request is answered without reading the body.
   */
  wantsBody?(request: ServerRequest): boolean;
  onRequest(request: ServerRequest): Promise<ServerResponse> | ServerResponse;
  /** A new WebSocket; returns its handlers, or a status to refuse it with. */
  onConnection(connection: ServerConnection): ServerConnectionHandlers | { readonly refuse: number };
}

export interface ListeningServer {
  readonly host: string;
  readonly port: number;
  close(): Promise<void>;
}

export interface ServerHost {
  listen(options: ServerOptions): Promise<ListeningServer>;
}

/** A row that is put or deleted; `undefined` deletes. */
export interface JournalWrite {
  readonly table: string;
  readonly key: string;
  readonly value: string | undefined;
  /** No row has this key so far: where it is deleted soon, a store need not have it in its table. */
  readonly isNew?: boolean | undefined;
}

/**
 * Durable key-value tables. Every write is on disk, as far as the store's durability goes, when the call returns.
 * Throws `JournalError` when it cannot write (a full disk, a broken file) or the store is open already, in this process
 * or in another.
 */
export interface JournalStore {
  put(table: string, key: string, value: string): void;
  get(table: string, key: string): string | undefined;
  delete(table: string, key: string): void;
  /** Lists all entries of a table in order of key. */
  entries(table: string): readonly (readonly [key: string, value: string])[];
  /** Lists at most `limit` entries whose keys come after `after`, in order of key; `""` begins at the first. */
  page(table: string, after: string, limit: number): readonly (readonly [key: string, value: string])[];
  /** Gives back some of the room of what was deleted, in a few milliseconds. Returns whether there is more. */
  compact(): boolean;
  /**
   * All of the writes in `work`, or none. Those of an outermost transaction that is `forOlderPrograms` go where programs
   * read them that know tables alone.
   */
  transaction<T>(work: () => T, options?: { readonly forOlderPrograms?: boolean }): T;
  /** Makes all of these writes, in order, or none: a transaction whose writes are known. Not within another one. */
  commit(writes: readonly JournalWrite[]): void;
  close(): void;
}

/** Contents of a journal at the time when it was looked at. */
export interface JournalView {
  /** Lists the tables in order of name. */
  tables(): readonly string[];
  get(table: string, key: string): string | undefined;
  /** Works as `JournalStore.page`. */
  page(table: string, after: string, limit: number): readonly (readonly [key: string, value: string])[];
  close(): void;
}

export interface JournalStores {
  /**
   * Opens or creates, readable by its owner alone; locks it for this process. `durability: "power"` survives a power cut
   * as well.
   */
  open(path: string, options?: { readonly durability?: "process" | "power" }): JournalStore;
  /**
   * Reads a journal as it is now, also one that a process has open: that goes on undisturbed, for what is read is a copy in
   * the folder for temporary files. Throws `JournalError`, `JOURNAL_NOT_FOUND` where there is none.
   */
  view(path: string): JournalView;
  /** Deletes a journal that nobody has open; nothing when there is none. Throws `JournalError`. */
  remove(path: string): void;
}

export interface Files {
  /** Reads at most 16 MiB of UTF-8. Throws `ConfigError` (`FILE_NOT_FOUND` where there is none). */
  readText(path: string): Promise<string>;
  /**
   * Written through a temporary file and a rename, on disk when it resolves; where `path` is a link, into what it leads to.
   * `mode` defaults to 0o644; folders that are made for a file which only its owner reads are the owner's alone.
   */
  writeText(path: string, text: string, mode?: number): Promise<void>;
  /** Throws `ConfigError` where that cannot be told, and for a link that leads to nothing. */
  exists(path: string): Promise<boolean>;
  /** The one name of a file that several links lead to; `path` where nothing is. Throws as `exists` does. */
  realPath(path: string): Promise<string>;
  /** Permission bits, for example 0o600. */
  mode(path: string): Promise<number>;
  lines(path: string): AsyncIterable<string>;
}

export type StopSignal = "SIGINT" | "SIGTERM";

export interface SpawnOptions {
  /** Added to what a child inherits of this process's environment: paths, language and terminal, no keys. */
  readonly environment?: Readonly<Record<string, string>> | undefined;
  /**
   * Starts the program in a process group of its own, which a terminal's Ctrl-C does not reach. Its standard input is a
   * pipe that ends when this process does, however that ends. Without it the program has no standard input.
   */
  readonly detached?: boolean | undefined;
}

export interface ChildProcessEnd {
  /** `undefined` when a signal ended it, or when it could not be started. */
  readonly code: number | undefined;
  readonly signal: string | undefined;
}

export interface ChildProcess {
  readonly id: number | undefined;
  /** Lines that the program writes to its standard output. Call it once. Its standard error is ours. */
  lines(): AsyncIterable<string>;
  /** Sends a signal, SIGTERM by default; does nothing when the program has ended. */
  kill(signal?: StopSignal | "SIGKILL"): void;
  /** Promise of the end, which never rejects. */
  readonly ended: Promise<ChildProcessEnd>;
}

/** The process around a command: not a part of `Runtime`, for nothing but the command line needs it. */
export interface ProcessPort {
  /** Arguments without node and the script. */
  readonly args: readonly string[];
  readonly environment: Readonly<Record<string, string | undefined>>;
  readonly workingDirectory: string;
  /** True where standard output is a terminal. */
  readonly isTerminal: boolean;
  /** True where somebody types standard input. */
  readonly isInputTerminal: boolean;
  /** Standard error is a terminal. */
  readonly isErrorTerminal: boolean;
  /** 80 where there is no terminal. */
  readonly columns: number;
  /** Lines of the terminal. */
  readonly rows: number;
  writeOut(text: string): void;
  writeError(text: string): void;
  /** Standard input. Waiting for it keeps the process alive until it ends or `signal` fires; then the lines end. */
  inputLines(signal?: AbortSignal): AsyncIterable<string>;
  /**
   * Asks on standard error and resolves with the next line of standard input, without its end; undefined when there is
   * none or `signal` fires. Not together with `inputLines`.
   */
  readLine(prompt: string, signal?: AbortSignal): Promise<string | undefined>;
  /** Reads a line as `readLine` does; on a terminal nothing that is typed shows. Ctrl-C is a SIGINT as usual. */
  readSecret(prompt: string, signal?: AbortSignal): Promise<string | undefined>;
  /** Forgets what a terminal was typed at and nobody has read. */
  dropTyped(): Promise<void>;
  /**
   * The last use of standard input. From the first secret to here nothing that is typed at a terminal shows or is left to
   * the shell.
   */
  endInput(): Promise<void>;
  /** The code with which the process ends once nothing is left to do. */
  setExitCode(code: number): void;
  exit(code: number): never;
  /** SIGINT and SIGTERM no longer end the process until the returned function is called. */
  onStopSignal(listener: (signal: StopSignal) => void): () => void;
  /** Runs a script with this Node, with the same options as this process. */
  spawnNode(script: string, args: readonly string[], options?: SpawnOptions): ChildProcess;
}
