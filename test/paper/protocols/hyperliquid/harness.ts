import {
  createPaperVenue,
  HYPERLIQUID_MARKETS,
  type PaperVenue,
  type PaperVenueOptions,
} from "../../../../src/paper/index.ts";
import type { HttpResponse, WebSocketConnection } from "../../../../src/runtime/runtime.ts";
import { SimulatedWorld } from "../../../../src/runtime/simulated.ts";
import { signedAction, signedByUser, type Terms } from "../../../support/hyperliquid-signer.ts";

// biome-ignore lint/suspicious/noExplicitAny: the shape of each answer is what the tests look at
export type Wire = any;

export const OPTIONS: PaperVenueOptions = {
  api: "hyperliquid",
  seed: 1,
  rateLimits: "off",
  emptyBooks: true,
  markets: HYPERLIQUID_MARKETS,
};

export interface Reply {
  readonly status: number;
  readonly text: string;
  readonly body: Wire;
}

/** The client here shares no code with the venue: its own signatures and parsing. */
export class Harness {
  readonly world: SimulatedWorld;
  readonly venue: PaperVenue;
  readonly #runtime;
  #nonce = 0;

  constructor(world: SimulatedWorld, venue: PaperVenue) {
    this.world = world;
    this.venue = venue;
    this.#runtime = world.runtime("client");
  }

  get privateKey(): string {
    return this.venue.credentials().privateKey ?? "";
  }

  get user(): string {
    return this.venue.credentials().accountAddress ?? "";
  }

  nonce(): number {
    this.#nonce = Math.max(this.#nonce + 1, Math.floor(this.venue.now()));
    return this.#nonce;
  }

  async post(path: string, body: string, headers: Record<string, string> = {}): Promise<Reply> {
    const request = {
      ...{ method: "POST", url: `${this.venue.rest}${path}`, body, timeoutMs: 10_000 },
      headers: { "content-type": "application/json", ...headers },
    };
    const { status, text }: HttpResponse = await this.world.run(this.#runtime.http.request(request));
    let parsed: Wire;
    try {
      parsed = JSON.parse(text);
    } catch {
      parsed = undefined;
    }
    return { status, text, body: parsed };
  }

  async info(type: string, fields: object = {}): Promise<Wire> {
    const { status, body, text } = await this.post("/info", JSON.stringify({ type, ...fields }));
    return status === 200 ? body : `${status} ${text}`;
  }

  /** What is asked of an account: the first one's unless told. */
  ask(type: string, fields: object = {}): Promise<Wire> {
    return this.info(type, { user: this.user, ...fields });
  }

  async act(action: object, terms: Terms & { readonly key?: string; readonly nonce?: number } = {}): Promise<Wire> {
    const { key = this.privateKey, nonce = this.nonce(), ...rest } = terms;
    return (await this.post("/exchange", JSON.stringify(signedAction(action, nonce, key, rest)))).body;
  }

  async actAsUser(action: object, struct: string, fields: readonly string[], key = this.privateKey): Promise<Wire> {
    const nonce = this.nonce();
    const timed = fields.at(-1) === "uint64 time" ? { time: nonce } : { nonce };
    const full = { signatureChainId: "0x66eee", hyperliquidChain: "Mainnet", ...action, ...timed };
    const body = signedByUser(full, struct, ["string hyperliquidChain", ...fields], key);
    return (await this.post("/exchange", JSON.stringify(body))).body;
  }

  /** Statuses of a batch of orders; a limit buy of 0.01 BTC at 19,000 each unless told. */
  async place(...orders: readonly object[]): Promise<Wire> {
    return this.placeGroup("na", ...orders);
  }

  async placeGroup(grouping: string, ...orders: readonly object[]): Promise<Wire> {
    const answer = await this.act({ type: "order", orders: orders.map(orderOf), grouping });
    return answer.status === "ok" ? answer.response.data.statuses : answer.response;
  }

  quote(side: "buy" | "sell", price: string, size = "1"): void {
    this.venue.trader.order({ market: "BTC-USD", side, size, price });
  }

  async settle(ms = 20): Promise<void> {
    await this.world.advance(ms);
  }

  async socket(...subscriptions: readonly object[]): Promise<Socket> {
    const socket = new Socket();
    const onText = (text: string) => void socket.texts.push(text);
    const onClose = ({ code }: { code: number }) => {
      socket.closed = code;
    };
    const options = { headers: {}, handshakeTimeoutMs: 5_000 };
    const connecting = this.#runtime.webSocket.connect(this.venue.ws, { onText, onClose }, options);
    socket.connection = await this.world.run(connecting);
    for (const subscription of subscriptions) socket.send({ method: "subscribe", subscription });
    await this.settle(200);
    return socket;
  }
}

/** Keys stand in the order in which they are hashed. */
export function orderOf(fields: object): object {
  const usual = { a: 0, b: true, p: "19000", s: "0.01", r: false, t: { limit: { tif: "Gtc" } } };
  return { ...usual, ...fields };
}

export const trigger = (tpsl: "tp" | "sl", triggerPx: string, isMarket = true) => ({
  t: { trigger: { isMarket, triggerPx, tpsl } },
});
export const tif = (name: string) => ({ t: { limit: { tif: name } } });

export class Socket {
  readonly texts: string[] = [];
  closed: number | undefined;
  connection: WebSocketConnection | undefined;

  send(message: object | string): void {
    this.connection?.send(typeof message === "string" ? message : JSON.stringify(message));
  }

  /** Data of a channel, in the order in which they came. */
  of(channel: string): readonly Wire[] {
    return this.texts
      .map((text) => JSON.parse(text))
      .flatMap((frame) => (frame.channel === channel ? [frame.data] : []));
  }
}

export async function startVenue(options: Partial<PaperVenueOptions> = {}): Promise<Harness> {
  const world = new SimulatedWorld({ seed: 1 });
  const venue = await world.run(createPaperVenue({ ...OPTIONS, ...options }, world.runtime("venue")));
  return new Harness(world, venue);
}
