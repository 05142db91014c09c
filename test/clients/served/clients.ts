import { readFileSync } from "node:fs";
import { DerivativesTradingUsdsFutures } from "@binance/derivatives-trading-usds-futures";
import { USDMClient } from "binance";
import { RestClientV5 } from "bybit-api";
import ccxt from "ccxt";
import ccxtOfFtx from "ccxt-ftx";
import { RestClient as FtxRestClient } from "ftx-api";
import { RestClient as OkxRestClient } from "okx-api";
import { PAPER_PASSPHRASE, type ProtocolName } from "../../../src/paper/index.ts";
import { pointAt } from "../support/ccxt-urls.ts";
import { gateFutures } from "../support/gate-api.ts";
import type { Endpoint } from "../support/paper-venue.ts";
import type { ArgumentBook, Client } from "./arguments/arguments.ts";
import { BINANCE, BINANCE_OFFICIAL } from "./arguments/binance.ts";
import { BYBIT_API } from "./arguments/bybit-api.ts";
import { type CcxtNames, ccxtArguments } from "./arguments/ccxt.ts";
import { FTX_API } from "./arguments/ftx-api.ts";
import { GATE_API } from "./arguments/gate-api.ts";
import { OKX_API } from "./arguments/okx-api.ts";

export interface ThirdPartyClient {
  /** As the table names it, with its version. */
  readonly title: string;
  readonly api: ProtocolName;
  readonly book: ArgumentBook;
  create(venue: Endpoint): Client;
  /** Whatever it must know before it is asked. */
  prepare(client: Client): Promise<void>;
  methods(client: Client): readonly string[];
}

const baseOf = ({ host, port }: Endpoint) => `http://${host}:${port}`;

export const CLIENTS: readonly ThirdPartyClient[] = [
  sdk("ftx-api", "ftx", FTX_API, (venue) => {
    const options = { baseUrl: `${baseOf(venue)}/api`, disable_time_sync: true };
    return new FtxRestClient(venue.apiKey, venue.apiSecret, options);
  }),
  unified("ftx", "ftx", { symbol: "BTC/USD:USD", code: "USD", amount: 0.01, accounts: ["main", "hedge"] }),
  sdk("bybit-api", "bybit", BYBIT_API, (venue) => {
    return new RestClientV5({ key: venue.apiKey, secret: venue.apiSecret, baseUrl: baseOf(venue) });
  }),
  unified("bybit", "bybit", { symbol: "BTC/USDT:USDT", code: "USDT", amount: 0.01, accounts: ["funding", "unified"] }),
  sdk("binance", "binance", BINANCE, (venue) => {
    return new USDMClient({ api_key: venue.apiKey, api_secret: venue.apiSecret, baseUrl: baseOf(venue) });
  }),
  sdk("@binance/derivatives-trading-usds-futures", "binance", BINANCE_OFFICIAL, (venue) => {
    const configurationRestAPI = {
      apiKey: venue.apiKey,
      apiSecret: venue.apiSecret,
      basePath: baseOf(venue),
      retries: 0,
    };
    return new DerivativesTradingUsdsFutures({ configurationRestAPI }).restAPI;
  }),
  unified("binanceusdm", "binance", {
    symbol: "BTC/USDT:USDT",
    code: "USDT",
    amount: 0.01,
    accounts: ["spot", "future"],
  }),
  sdk("okx-api", "okx", OKX_API, (venue) => {
    return new OkxRestClient({
      apiKey: venue.apiKey,
      apiSecret: venue.apiSecret,
      apiPass: PAPER_PASSPHRASE,
      baseUrl: baseOf(venue),
    });
  }),
  unified("okx", "okx", { symbol: "BTC/USDT:USDT", code: "USDT", amount: 1, accounts: ["funding", "trading"] }),
  sdk("gate-api", "gate_io", GATE_API, gateFutures),
  unified("gate", "gate_io", { symbol: "BTC/USDT:USDT", code: "USDT", amount: 10, accounts: ["spot", "swap"] }),
];

function versionOf(name: string): string {
  const text = readFileSync(new URL(`../node_modules/${name}/package.json`, import.meta.url), "utf8");
  return JSON.parse(text).version;
}

/** A client of one exchange: what its class has beside that of which it is made. */
function sdk(
  name: string,
  api: ProtocolName,
  book: ArgumentBook,
  create: (venue: Endpoint) => Client,
): ThirdPartyClient {
  const methods = (client: Client) => {
    const own = Object.getPrototypeOf(client);
    return Object.getOwnPropertyNames(own).filter((each) => each !== "constructor" && typeof own[each] === "function");
  };
  return { title: `${name} ${versionOf(name)}`, api, book, create, prepare: async () => {}, methods };
}

/** ccxt's unified methods over REST, as many as it says that it has for the exchange, itself or made of others. */
function unified(
  exchange: "ftx" | "bybit" | "binanceusdm" | "okx" | "gate",
  api: ProtocolName,
  names: CcxtNames,
): ThirdPartyClient {
  let loaded: Client;
  return {
    title: `ccxt, ${exchange} ${versionOf(exchange === "ftx" ? "ccxt-ftx" : "ccxt")}`,
    api,
    book: ccxtArguments(names),
    create: (venue) => newCcxt(exchange, venue),
    prepare: async (client) => {
      if (loaded !== undefined) client.setMarkets(loaded.markets, loaded.currencies);
      else await client.loadMarkets();
      loaded ??= client;
    },
    methods: (client) =>
      Object.keys(client.has).filter(
        (name) => client.has[name] && typeof client[name] === "function" && !name.endsWith("Ws"),
      ),
  };
}

function newCcxt(exchange: "ftx" | "bybit" | "binanceusdm" | "okx" | "gate", venue: Endpoint): Client {
  const credentials = { apiKey: venue.apiKey, secret: venue.apiSecret, password: PAPER_PASSPHRASE };
  const options = exchange === "binanceusdm" ? {} : { defaultType: "swap" };
  const settings = { ...credentials, enableRateLimit: false, options };
  const client: Client = exchange === "ftx" ? new ccxtOfFtx.ftx(settings) : new ccxt[exchange](settings);
  pointAt(venue, client.urls.api);
  return client;
}
