import ccxt from "ccxt";

// biome-ignore lint/suspicious/noExplicitAny: ccxt declares its implicit methods and the insides of its clients loosely
export type Ccxt = any;

type Answer = (path: string, params: Readonly<Record<string, unknown>>) => unknown;

/** ccxt without a network: its requests are answered by a function, and frames are put in by hand. */
export class OfflineCcxt {
  readonly exchange: Ccxt;
  #answer: Answer;

  private constructor(exchange: Ccxt, answer: Answer) {
    this.exchange = exchange;
    this.#answer = answer;
    exchange.request = async (
      path: string,
      _api: unknown,
      _method: string,
      params: Readonly<Record<string, unknown>>,
    ) => this.#answer(path, params);
  }

  static async create(name: "bybit" | "binanceusdm", markets: Answer, options: object = {}): Promise<OfflineCcxt> {
    const exchange: Ccxt = new ccxt.pro[name]({ apiKey: "key", secret: "secret", enableRateLimit: false, options });
    exchange.has.fetchCurrencies = false;
    const offline = new OfflineCcxt(exchange, markets);
    await exchange.loadMarkets();
    return offline;
  }

  /** Calls a method of ccxt while every request is answered with a payload. */
  async answered(payload: unknown, call: (exchange: Ccxt) => Promise<Ccxt>): Promise<Ccxt> {
    this.#answer = () => payload;
    return await call(this.exchange);
  }

  /** What ccxt tells those who watch when a frame comes, by what they wait for. */
  hear(url: string, message: object, subscriptions: object = {}): Readonly<Record<string, Ccxt>> {
    const told: Record<string, Ccxt> = {};
    const resolve = (value: unknown, topic: string) => {
      told[topic] = value;
    };
    const reject = (error: unknown) => {
      throw error;
    };
    this.exchange.handleMessage({ url, subscriptions, futures: {}, messageHashes: {}, resolve, reject }, message);
    return told;
  }
}

/** ccxt's symbol as our trading pair. */
export function tradingPairOf(symbol: string): string {
  const [pair = ""] = symbol.split(":");
  return pair.replace("/", "-");
}
