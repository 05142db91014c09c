import { BookFrameBuffer } from "../../../src/market-data/book-frame-buffer.ts";
import type { BookReplayer } from "../../../src/market-data/book-replayer.ts";
import { describeError } from "../../../src/model/error.ts";
import type { RestRequest } from "../../../src/net/venue-api.ts";
import type { RecordedMessage } from "./recording.ts";
import type { ReplaySession } from "./replay-session.ts";
import type { ReplayVenue } from "./replay-venue.ts";

/** Answers the venue's own requests with the responses that a recording holds. */
export class RecordedAnswers {
  readonly #venue: ReplayVenue;
  readonly #markets: ReplaySession;

  constructor(venue: ReplayVenue, markets: ReplaySession) {
    this.#venue = venue;
    this.#markets = markets;
  }

  /** Takes over the names and contract sizes where the response is the venue's list of markets; false where it is not. */
  async learnMarkets(message: RecordedMessage): Promise<boolean> {
    const url = urlOf(message);
    if (url === undefined) return false;
    let isList = false;
    const send = async (request: RestRequest): Promise<unknown> => {
      if (!url.pathname.endsWith(request.path)) return [];
      isList = true;
      return this.#unwrap(message, request);
    };
    try {
      const { derivative } = this.#venue;
      const info = derivative.parseExchangeInfo(await derivative.requestExchangeInfo({ api: { send } }));
      if (isList) for (const market of info.markets) this.#markets.learn(market);
    } catch {
      // A list that cannot be read teaches nothing: its markets keep their own names.
    }
    return isList;
  }

  /** Makes a recorded response to the venue's snapshot request part of its book. */
  async applySnapshot(
    message: RecordedMessage,
    replayer: BookReplayer,
    reject: (reason: string) => void,
  ): Promise<void> {
    const url = urlOf(message);
    if (url === undefined) return;
    // The venue's own request says what names the market: `symbol` (Binance), `instId` (OKX), `contract` (Gate.io), a path (FTX).
    for (const symbol of new Set([...url.searchParams.values(), ...url.pathname.split("/")])) {
      const market = this.#markets.bySymbol.get(symbol);
      if (market !== undefined && (await this.#applyOf(market, url, message, replayer, reject))) return;
    }
  }

  /** False where the response is not that of a snapshot of the market. */
  async #applyOf(
    market: { readonly symbol: string; readonly tradingPair: string },
    url: URL,
    message: RecordedMessage,
    replayer: BookReplayer,
    reject: (reason: string) => void,
  ): Promise<boolean> {
    const frame = new BookFrameBuffer();
    frame.reset("snapshot");
    let isSnapshot = false;
    const send = async (request: RestRequest): Promise<unknown> => {
      const names = Object.entries(request.params ?? {}).filter(([, value]) => value === market.symbol);
      const isInPath = request.path.split("/").includes(market.symbol);
      const isNamed = names.some(([name]) => url.searchParams.get(name) === market.symbol);
      const isOfMarket = names.length > 0 ? isNamed : isInPath;
      isSnapshot = isOfMarket && url.pathname.endsWith(request.path);
      if (!isSnapshot) throw new TypeError(`${message.url} is no snapshot of ${market.symbol}`);
      return this.#unwrap(message, request);
    };
    const context = { api: { send }, markets: this.#markets, now: () => message.timestampMs };
    try {
      await this.#venue.orderBookDataSource.requestOrderBookSnapshot(context, market.tradingPair, frame);
    } catch (error) {
      if (isSnapshot) reject(`the snapshot of ${market.symbol} cannot be read: ${describeError(error)}`);
      return isSnapshot;
    }
    replayer.applyFrame(frame, message.timestampMs);
    return true;
  }

  #unwrap({ text }: RecordedMessage, request: RestRequest): unknown {
    return this.#venue.webUtils.unwrapResponse({ status: 200, headers: {}, text }, request);
  }
}

function urlOf({ url }: RecordedMessage): URL | undefined {
  return URL.canParse(url) ? new URL(url) : undefined;
}
