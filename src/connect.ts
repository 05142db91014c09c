import type { PerpetualConnectorOptions } from "./connector/connector-options.ts";
import type { PerpetualConnector } from "./connector/perpetual-connector.ts";
import type { VenueModule } from "./connector/perpetual-venue.ts";
import { ConfigError } from "./model/error.ts";
import { splitTradingPair } from "./model/market.ts";
import { loadVenue } from "./registry.ts";
import { realWork } from "./runtime/real-work.ts";
import type { Runtime } from "./runtime/runtime.ts";

/** How a connector is opened. Everything of `PerpetualConnectorOptions` but the venue, which the name stands for. */
export interface ConnectOptions extends Omit<PerpetualConnectorOptions, "venue" | "runtime"> {
  /** Default: the real network, clock and disk of this process. */
  readonly runtime?: Runtime | undefined;
  /** One of the venue's domains; default the one that the connector name stands for. */
  readonly domain?: string | undefined;
  /** Another server that speaks the venue's protocol, for example a paper venue. */
  readonly restUrl?: string | undefined;
  readonly webSocketUrl?: string | undefined;
  /** How long to wait until everything is ready; 0 does not wait. Default 30 seconds. */
  readonly readyTimeoutMs?: number | undefined;
}

/**
 * Makes a connector without starting it: `start()` does. `connector` is one of `CONNECTOR_NAMES`, or the module of a
 * venue from outside this package.
 */
export async function createConnector(
  connector: string | VenueModule,
  options: ConnectOptions,
): Promise<PerpetualConnector> {
  const { runtime, domain, restUrl, webSocketUrl, readyTimeoutMs: _, ...rest } = options;
  checkTradingPairs(options.tradingPairs);
  const { module, domain: defaultDomain } = await venueOf(connector);
  if (domain !== undefined && !module.manifest.domains.includes(domain)) {
    const hint = `it has ${module.manifest.domains.join(", ")}`;
    const name = typeof connector === "string" ? connector : module.manifest.name;
    throw new ConfigError(`${name} has no domain "${domain}"`, { hint });
  }
  const venue = module.createVenue({ domain: domain ?? defaultDomain, restUrl, webSocketUrl });
  const { PerpetualConnector } = await realWork(import("./connector/perpetual-connector.ts"));
  return new PerpetualConnector({ ...rest, venue, runtime: runtime ?? (await nodeRuntime()) });
}

/**
 * Opens a connector and resolves when it is ready to trade. Rejects, with nothing left running, with `ConfigError` for
 * an unknown name or pair, `AuthError` for a key that the venue does not accept, `TransportError` when it cannot be
 * reached.
 */
export async function connect(connector: string | VenueModule, options: ConnectOptions): Promise<PerpetualConnector> {
  const opened = await createConnector(connector, options);
  try {
    await opened.start();
    if (options.readyTimeoutMs !== 0) await opened.waitUntilReady({ timeoutMs: options.readyTimeoutMs ?? 30_000 });
  } catch (error) {
    await opened.stop();
    throw error;
  }
  return opened;
}

async function venueOf(connector: string | VenueModule) {
  if (typeof connector === "string") return loadVenue(connector);
  return { module: connector, domain: connector.manifest.defaultDomain };
}

async function nodeRuntime(): Promise<Runtime> {
  return (await import("./runtime/node-runtime.ts")).nodeRuntime();
}

function checkTradingPairs(tradingPairs: readonly string[]): void {
  for (const tradingPair of tradingPairs) {
    try {
      splitTradingPair(tradingPair);
    } catch (cause) {
      throw new ConfigError(`"${tradingPair}" is not a trading pair`, {
        cause,
        hint: "pairs are BASE-QUOTE, for example BTC-USD",
      });
    }
  }
}
