import { createServer, type IncomingHttpHeaders, type IncomingMessage, request, type Server } from "node:http";
import type { AddressInfo } from "node:net";
import { buffer } from "node:stream/consumers";

/** A request as the venue got it and what the venue said to it. */
export interface Exchange {
  readonly method: string;
  /** With its query. */
  readonly target: string;
  readonly sent: string;
  readonly status: number;
  readonly body: string;
}

interface Answer {
  readonly status: number;
  readonly headers: IncomingHttpHeaders;
  readonly body: Buffer;
}

/** Stands between a client and a venue, passes everything on as it is, and writes it down. */
export class Recorder {
  readonly #server: Server;
  #port = 0;
  #exchanges: Exchange[] = [];

  constructor() {
    this.#server = createServer((incoming, outgoing) => {
      this.#pass(incoming).then(
        ({ status, headers, body }) => outgoing.writeHead(status, headers).end(body),
        () => outgoing.destroy(),
      );
    });
  }

  async listen(): Promise<{ readonly host: string; readonly port: number }> {
    if (!this.#server.listening) await new Promise<void>((resolve) => this.#server.listen(0, "127.0.0.1", resolve));
    return { host: "127.0.0.1", port: (this.#server.address() as AddressInfo).port };
  }

  /** Where requests go from now on. */
  passTo(port: number): void {
    this.#port = port;
  }

  /** What has passed since it was last asked. */
  take(): readonly Exchange[] {
    const exchanges = this.#exchanges;
    this.#exchanges = [];
    return exchanges;
  }

  async close(): Promise<void> {
    this.#server.closeAllConnections();
    await new Promise((resolve) => this.#server.close(resolve));
  }

  async #pass(incoming: IncomingMessage): Promise<Answer> {
    const { method = "GET", url: target = "/", headers } = incoming;
    const sent = await buffer(incoming);
    const answer = await new Promise<IncomingMessage>((resolve, reject) => {
      request({ host: "127.0.0.1", port: this.#port, method, path: target, headers, agent: false }, resolve)
        .on("error", reject)
        .end(sent);
    });
    const body = await buffer(answer);
    const status = answer.statusCode ?? 0;
    this.#exchanges.push({ method, target, sent: String(sent), status, body: String(body) });
    return { status, headers: answer.headers, body };
  }
}
