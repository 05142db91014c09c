/** Mark of a book update in a message or an answer: its id and the venue's time of it. */
export interface BookMark {
  readonly pair: string;
  /** Number of the update; on FTX and Hyperliquid, which have none, its time. */
  readonly updateId: number;
  /** Epoch milliseconds of the venue's clock. */
  readonly venueMs: number;
  /** A snapshot: it may show the book as it was some time before. */
  readonly isWhole: boolean;
}

type Reader = (text: string, url: string) => BookMark | undefined;

const READERS: Readonly<Record<string, Reader>> = {
  bybit_perpetual(text) {
    if (!text.startsWith('{"topic":"orderbook.')) return undefined;
    const [, symbol, type, ts] = /^\{"topic":"orderbook\.\w+\.(\w+)","type":"(\w+)","ts":(\d+)/.exec(text) ?? [];
    return mark(pairOfSymbol(symbol), numberOf(text, "u"), ts, type === "snapshot");
  },
  binance_perpetual(text, url) {
    const isDiff = text.includes('"e":"depthUpdate"');
    if (!isDiff && !text.startsWith('{"lastUpdateId"')) return undefined;
    const [, symbol] = isDiff ? (/"s":"(\w+)"/.exec(text) ?? []) : (/[?&]symbol=(\w+)/.exec(url) ?? []);
    return mark(pairOfSymbol(symbol), numberOf(text, isDiff ? "u" : "lastUpdateId"), numberOf(text, "E"), !isDiff);
  },
  okx_perpetual(text) {
    if (!text.startsWith('{"arg":{"channel":"books"')) return undefined;
    const [, base, quote] = /"instId":"(\w+)-(\w+)-SWAP"/.exec(text) ?? [];
    const [, ts] = /"ts":"(\d+)"/.exec(text) ?? [];
    return mark(`${base}-${quote}`, numberOf(text, "seqId"), ts, text.includes('"action":"snapshot"'));
  },
  gate_io_perpetual(text) {
    if (!text.includes('"channel":"futures.order_book_update","event":"update"')) return undefined;
    const [, base, quote] = /"s":"(\w+)_(\w+)"/.exec(text) ?? [];
    return mark(`${base}-${quote}`, numberOf(text, "u"), numberOf(text, "t"), text.includes('"full":true'));
  },
  // Each message is the whole book at its own time, which numbers it: also the first one, which may be of earlier.
  hyperliquid_perpetual(text) {
    const [, coin, ms] = /^(?:\{"channel":"l2Book","data":)?\{"coin":"(\w+)","time":(\d+),"levels":/.exec(text) ?? [];
    return mark(`${coin}-USD`, ms, ms, false);
  },
  ftx_perpetual(text) {
    if (!text.startsWith('{"channel": "orderbook", ')) return undefined;
    const [, base, type, seconds] =
      /"market": "(\w+)-PERP", "type": "(\w+)", "data": {"time": ([\d.]+)/.exec(text) ?? [];
    const ms = seconds === undefined ? undefined : String(Number(seconds) * 1_000);
    return mark(`${base}-USD`, ms, ms, type === "partial");
  },
};

/** Undefined for what is not about a book. Throws for a connector whose messages it does not know. */
export function bookMarkOf(connector: string, text: string, url = ""): BookMark | undefined {
  const read = READERS[connector];
  if (read === undefined) throw new TypeError(`no reader of the books of ${connector}: book-marks.ts needs one`);
  return read(text, url);
}

function mark(pair: string, id: string | undefined, ms: string | undefined, isWhole: boolean): BookMark | undefined {
  if (id === undefined || ms === undefined) return undefined;
  return { pair, updateId: Number(id), venueMs: Number(ms), isWhole };
}

function numberOf(text: string, field: string): string | undefined {
  return new RegExp(`"${field}":(\\d+)`).exec(text)?.[1];
}

function pairOfSymbol(symbol = ""): string {
  return symbol.replace(/(USDT|USDC)$/, "-$1");
}
