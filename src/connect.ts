import { type ConnectOptions, checkConnectOptions, checkCredentials, checkTradingPairs } from "./connect-options.ts";
import { openPaperHome } from "./connect-paper.ts";
import type { PerpetualConnector } from "./connector/perpetual-connector.ts";
import type { VenueModule } from "./connector/perpetual-venue.ts";
import { readyTimeoutMs as defaultReadyTimeoutMs } from "./connector/readiness.ts";
import { ConfigError } from "./model/error.ts";
import { checkServerUrls } from "./net/server-urls.ts";
import { loadVenue } from "./registry.ts";
import { realWork } from "./runtime/real-work.ts";
import type { Runtime } from "./runtime/runtime.ts";
import { validateRiskLimits } from "./trading/risk-limits.ts";

export type { ConnectOptions } from "./connect-options.ts";
export type { PaperOptions } from "./connect-paper.ts";

/**
 * Makes a connector without starting it: `start()` does. `connector` is one of `CONNECTOR_NAMES`, or the module of a
 * venue from outside this package. With `paper` the exchange in the box runs from here on, until `stop()`.
 */
export async function createConnector(
  connector: string | VenueModule,
  options: ConnectOptions,
): Promise<PerpetualConnector> {
  checkConnectOptions(options);
  if (options.riskLimits !== undefined) validateRiskLimits(options.riskLimits);
  const {
    runtime: given,
    domain,
    restUrl,
    webSocketUrl,
    insecureUrls,
    paper = false,
    readyTimeoutMs: _,
    bookThreads: threads = 0,
    ...rest
  } = options;
  checkServerUrls({ restUrl, webSocketUrl }, insecureUrls === true || given?.isNetworkSimulated === true);
  const { module, domain: defaultDomain } = await venueOf(connector);
  checkTradingPairs(options.tradingPairs, module.manifest.exampleTradingPair);
  if (paper === false) checkCredentials(options.credentials, module.manifest.credentials);
  if (domain !== undefined && !module.manifest.domains.includes(domain)) {
    const hint = `it has ${module.manifest.domains.join(", ")}`;
    const name = typeof connector === "string" ? connector : module.manifest.name;
    throw new ConfigError(`${name} has no domain "${domain}"`, { hint });
  }
  const { PerpetualConnector } = await realWork(import("./connector/perpetual-connector.ts"));
  const runtime = given ?? (await nodeRuntime());
  if (threads > 0) checkThreads(connector, runtime);
  const home = paper === false ? undefined : await openPaperHome(module.manifest, paper, runtime);
  try {
    const urls = home === undefined ? { restUrl, webSocketUrl } : home.urls;
    const where = { domain: domain ?? defaultDomain, ...urls };
    const venue = module.createVenue(where);
    const bookThreads = { count: threads, module: THREAD_MODULE, venue: { connector, ...where } };
    return new PerpetualConnector({ ...rest, ...home?.options, bookThreads, venue, runtime });
  } catch (error) {
    await home?.options.companion[Symbol.asyncDispose]();
    throw error;
  }
}

/**
 * Opens a connector and resolves when it is ready to trade: `ready` is true then, and the first `ready` event has been. A
 * program that listens to `ready` hears of later times. Rejects, with nothing left running, with `ConfigError` for an
 * unknown name or option, `NotFoundError` for an unknown pair, `AuthError` for a key that is missing or that the venue does
 * not accept, `TransportError` when it cannot be reached.
 */
export async function connect(connector: string | VenueModule, options: ConnectOptions): Promise<PerpetualConnector> {
  const opened = await createConnector(connector, options);
  try {
    const { readyTimeoutMs = defaultReadyTimeoutMs(options.tradingPairs.length) } = options;
    await opened.start(readyTimeoutMs === 0 ? {} : { timeoutMs: readyTimeoutMs });
    if (readyTimeoutMs !== 0) await opened.waitUntilReady({ timeoutMs: readyTimeoutMs });
  } catch (error) {
    await opened.stop();
    throw error;
  }
  return opened;
}

/** Sources in a clone, a bundle in the published package. */
const THREAD_MODULE = new URL(
  import.meta.url.endsWith(".ts") ? "./book-thread.ts" : "./book-thread.js",
  import.meta.url,
);

function checkThreads(connector: string | VenueModule, runtime: Runtime): void {
  if (runtime.threads === undefined || runtime.isNetworkSimulated === true) {
    const hint = "leave bookThreads out: threads run in real time, and no seed decides what they do";
    throw new ConfigError("bookThreads cannot be had in a simulated run", { hint });
  }
  if (typeof connector === "string") return;
  const hint = "leave bookThreads out: a thread loads its venue by the name of a connector of this package";
  throw new ConfigError("bookThreads cannot be had with a venue from outside of the package", { hint });
}

async function venueOf(connector: string | VenueModule) {
  if (typeof connector === "string") return loadVenue(connector);
  const isModule = typeof connector === "object" && connector !== null && "createVenue" in connector;
  if (!isModule) {
    const hint = 'for example connect("bybit_perpetual", { tradingPairs: ["BTC-USDT"] })';
    throw new ConfigError("connect() needs the name of a connector, or the module of a venue", { hint });
  }
  return { module: connector, domain: connector.manifest.defaultDomain };
}

async function nodeRuntime(): Promise<Runtime> {
  return (await import("./runtime/node-runtime.ts")).nodeRuntime();
}
