import type { AnswerLine, EventLine, FrameLine, HistoryLine, RequestLine } from "../history.ts";
import type { VenueNames } from "../names.ts";
import type { At, Findings, Rule } from "../rule.ts";

interface Sent {
  readonly at: At;
  /** True where the venue may have taken it: there is no answer, or not one that refuses it. */
  mayHaveBeenTaken: boolean;
}

const ENDS: ReadonlySet<string> = new Set(["orderCompleted", "orderCanceled", "orderExpired", "orderFailed"]);
/** Client order ids in a request that makes orders, as JSON and in a query. */
const IDS = /"(?:clientId|orderLinkId|newClientOrderId|clOrdId|c|text)"\s*:\s*"([^"]+)"|\bnewClientOrderId=([^&\s]+)/g;
/** Id of a message over a socket that takes orders, and of its answer. */
const FRAME_ID = /"(?:reqId|req_id|request_id|id)":\s*"?(\d+)|\bid=(\d+)/;

/**
 * An order is sent once: again only where the venue refused it or nothing of it had left, never after its end was told.
 * Nothing is sent by a process that has stopped.
 */
export class SendingRule implements Rule {
  readonly #names: VenueNames;
  readonly #findings: Findings;
  readonly #sent = new Map<string, Sent[]>();
  readonly #ended = new Map<string, At>();
  readonly #gone = new Map<string, At>();
  /** Creates that wait for their answer. */
  readonly #waiting = new Map<string, readonly Sent[]>();
  /** The same of each socket for orders, by the ids of messages. */
  readonly #overSockets = new Map<string, Map<string, readonly Sent[]>>();

  constructor(names: VenueNames, findings: Findings) {
    this.#names = names;
    this.#findings = findings;
  }

  line(line: HistoryLine, at: At): void {
    if (line.kind === "process" && line.what !== "started") this.#gone.set(`${line.host} ${line.life}`, at);
    else if (line.kind === "event") this.#onEvent(line, at);
    else if (line.kind === "request") this.#onRequest(line, at);
    else if (line.kind === "frame") this.#onFrame(line, at);
    else if (line.kind === "socket" && line.what === "open") this.#assertThere(line, "a handshake of a WebSocket", at);
    else if (line.kind === "answer") this.#onAnswer(line);
  }

  #onEvent({ host, name, data }: EventLine, at: At): void {
    if (ENDS.has(name)) this.#ended.set(`${host} ${data.clientOrderId}`, at);
  }

  #assertThere({ host, life }: { readonly host: string; readonly life: number }, what: string, at: At): void {
    const gone = this.#gone.get(`${host} ${life}`);
    if (gone !== undefined) this.#findings.breach("nothing is sent after stop", `${host} sends ${what}`, gone, at);
  }

  #onRequest(line: RequestLine, at: At): void {
    const { host, life, id, method, url } = line;
    this.#findings.count("requests");
    this.#assertThere(line, `${method} ${url}`, at);
    if (!this.#names.isCreate(line)) return;
    const sent = idsIn(`${decode(line.url)} ${decode(line.body ?? "")}`).map((clientId) =>
      this.#onCreate(host, clientId, at),
    );
    this.#waiting.set(`${host} ${life} ${id}`, sent);
  }

  #onFrame(line: FrameLine, at: At): void {
    const { host, life, socket, dir, text } = line;
    if (dir === "out") this.#assertThere(line, `a frame: ${text}`, at);
    const connection = `${host} ${life} ${socket}`;
    const isCreate = dir === "out" && this.#names.isCreateFrame(text);
    const waiting = this.#overSockets.get(connection) ?? new Map<string, readonly Sent[]>();
    if (!isCreate && (dir === "out" || waiting.size === 0)) return;
    const [, quoted, plain] = FRAME_ID.exec(text) ?? [];
    const id = quoted ?? plain ?? "";
    if (isCreate) {
      waiting.set(
        id,
        idsIn(text).map((clientId) => this.#onCreate(host, clientId, at)),
      );
      this.#overSockets.set(connection, waiting);
      return;
    }
    const sent = waiting.get(id);
    // Some answers come twice: first that the message has come.
    if (sent === undefined || !this.#names.refusesFrame(text)) return;
    for (const create of sent) create.mayHaveBeenTaken = false;
  }

  #onCreate(host: string, id: string, at: At): Sent {
    this.#findings.count("orders sent");
    const key = `${host} ${id}`;
    const earlier = this.#sent.get(key) ?? [];
    const taken = earlier.find(({ mayHaveBeenTaken }) => mayHaveBeenTaken);
    if (taken !== undefined) {
      this.#findings.breach("no order is sent twice", `${host} sends ${id} again`, taken.at, at);
    }
    const end = this.#ended.get(key);
    if (end !== undefined) {
      this.#findings.breach("no order is sent after its end", `${host} sends ${id}, whose end was told`, end, at);
    }
    const sent = { at, mayHaveBeenTaken: true };
    this.#sent.set(key, [...earlier, sent]);
    return sent;
  }

  #onAnswer({ host, life, id, status = 0, text = "", lost, mayHaveLeft }: AnswerLine): void {
    const key = `${host} ${life} ${id}`;
    const sent = this.#waiting.get(key) ?? [];
    this.#waiting.delete(key);
    // A refusal of the whole request, before anything of it was looked at.
    const isRefused = lost === undefined && ((status >= 400 && status < 500) || this.#names.isRefusal(text));
    if (mayHaveLeft === false || isRefused) for (const create of sent) create.mayHaveBeenTaken = false;
  }
}

function idsIn(text: string): readonly string[] {
  return [...text.matchAll(IDS)].map(([, json, query]) => json ?? query ?? "");
}

function decode(text: string): string {
  try {
    return decodeURIComponent(text);
  } catch {
    return text;
  }
}
