import type {
  ListeningServer,
  Runtime,
  ServerConnection,
  ServerConnectionHandlers,
  ServerRequest,
  ServerResponse,
} from "../runtime/runtime.ts";
import { answerControl, type ControlPorts } from "./control.ts";
import { isTrustedHost, refuseHost } from "./control-host.ts";
import { ConnectionGate, type GatePorts } from "./fault-gate.ts";
import type { FaultPolicy } from "./fault-policy.ts";
import type { AccountDirectory } from "./protocols/accounts.ts";
import { type ProtocolConnection, type ProtocolUrls, requestKind } from "./protocols/paper-protocol.ts";
import type { ProtocolName } from "./protocols/protocol-names.ts";
import type { ProtocolSet } from "./protocols/protocol-set.ts";
import { splitTarget } from "./protocols/request-target.ts";
import { answerOrLog, RequestGate } from "./request-gate.ts";
import { RetoldFills } from "./retold-fills.ts";
import type { PaperVenueOptions } from "./venue-options.ts";

export interface VenueDoorOptions {
  readonly venue: PaperVenueOptions;
  readonly runtime: Runtime;
  readonly apis: ProtocolSet;
  readonly accounts: AccountDirectory;
  readonly faults: FaultPolicy;
  readonly gates: GatePorts;
  readonly control: ControlPorts;
}

/** The door of a paper venue: its addresses, the requests that come in and the connections that are open. */
export class VenueDoor {
  readonly #options: VenueDoorOptions;
  readonly #apis: ProtocolSet;
  readonly #faults: FaultPolicy;
  readonly #ports: GatePorts;
  readonly #requests: RequestGate;
  readonly #retold = new RetoldFills();
  readonly #gates = new Map<ConnectionGate, ProtocolConnection>();
  #server: ListeningServer | undefined;
  #isDown = false;
  /** Counts restarts, so that a request from before one gets no answer after it. */
  #epoch = 0;
  #startedMs: number;

  constructor(options: VenueDoorOptions) {
    this.#options = options;
    this.#apis = options.apis;
    this.#faults = options.faults;
    this.#ports = options.gates;
    this.#requests = new RequestGate(options.faults, options.gates);
    this.#startedMs = options.runtime.clock.monotonic();
  }

  get host(): string {
    return this.#options.venue.host ?? "127.0.0.1";
  }

  get port(): number {
    return this.#server?.port ?? 0;
  }

  get rest(): string {
    return this.#secured(this.#apis.first.urls(this.#authority).rest);
  }

  get ws(): string {
    return this.#secured(this.#apis.first.urls(this.#authority).ws);
  }

  get urls(): Readonly<Partial<Record<ProtocolName, ProtocolUrls>>> {
    const rows = Object.entries(this.#apis.urls(this.#authority)).map(([name, { rest, ws }]) => [
      name,
      { rest: this.#secured(rest), ws: this.#secured(ws) },
    ]);
    return Object.fromEntries(rows);
  }

  get control(): string {
    return this.#secured(`http://${this.#authority}/paper`);
  }

  #secured(url: string): string {
    return this.#options.venue.tls === undefined ? url : url.replace(/^(http|ws):/, "$1s:");
  }

  get #authority(): string {
    return this.host.includes(":") ? `[${this.host}]:${this.port}` : `${this.host}:${this.port}`;
  }

  /** Monotonic time when the venue was started last. */
  get startedMs(): number {
    return this.#startedMs;
  }

  /** The connections that are open, and who speaks on each. */
  get connections(): readonly (readonly [ConnectionGate, ProtocolConnection])[] {
    return [...this.#gates];
  }

  async listen(): Promise<void> {
    const { venue, runtime, accounts } = this.#options;
    this.#server = await runtime.server.listen({
      host: this.host,
      port: venue.port ?? 0,
      tls: venue.tls,
      maxConnections: venue.maxConnections,
      wantsBody: ({ headers, target }) => accounts.isNamedBy(headers) || this.#isKeyless(target),
      onRequest: (request) => this.#onRequest(request),
      onConnection: (connection) => this.#onConnection(connection),
    });
  }

  #isKeyless(target: string): boolean {
    return this.#apis.ownerOfRequest(splitTarget(target).path)?.isKeyless === true;
  }

  /** Ends every connection and takes none for so long. Without effect while the venue is down. */
  async restart(downMs: number): Promise<void> {
    const { clock, timers } = this.#options.runtime;
    if (this.#isDown) return;
    this.#apis.announceRestart();
    this.#isDown = true;
    this.#epoch += 1;
    this.#startedMs = clock.monotonic();
    this.#endConnections();
    await timers.sleep(downMs);
    this.#isDown = false;
  }

  async close(): Promise<void> {
    this.#endConnections();
    const server = this.#server;
    this.#server = undefined;
    await server?.close();
  }

  #endConnections(): void {
    for (const gate of [...this.#gates.keys()]) gate.terminate();
  }

  #onRequest(request: ServerRequest): Promise<ServerResponse> | ServerResponse {
    const { path } = splitTarget(request.target);
    if (path.startsWith("/paper/")) return this.#onControlRequest(request);
    const epoch = this.#epoch;
    const owner = this.#apis.ownerOfRequest(path);
    const api = owner ?? this.#apis.first;
    return this.#requests.pass(request, {
      answer: (passed) => (owner === undefined ? api.failure(404, "Not Found") : owner.answer(passed)),
      api,
      get kind() {
        return requestKind(api, request);
      },
      isDown: () => this.#isDown || this.#epoch !== epoch,
    });
  }

  #onControlRequest(request: ServerRequest): Promise<ServerResponse> | ServerResponse {
    const { controlHosts = [] } = this.#options.venue;
    if (!isTrustedHost(request.headers.host, [this.host, ...controlHosts])) return refuseHost();
    return answerOrLog(request, this.#ports, {
      answer: (passed) => answerControl(passed, this.#options.control),
      api: { failure: (status, error) => ({ status, body: JSON.stringify({ error }) }) },
    });
  }

  #onConnection(connection: ServerConnection): ServerConnectionHandlers | { readonly refuse: number } {
    if (this.#isDown) return { refuse: 503 };
    const { request } = connection;
    const api = this.#apis.ownerOfConnection(request.target);
    if (api === undefined) return { refuse: 404 };
    const gate = new ConnectionGate(connection, this.#faults, this.#ports, this.#retold);
    const client = api.connect(gate, request);
    if ("refuse" in client) return client;
    this.#gates.set(gate, client);
    return {
      onText: (text) => gate.receive(text, (received) => client.onText(received)),
      onClose: () => {
        this.#gates.delete(gate);
        client.onClose();
      },
    };
  }
}
