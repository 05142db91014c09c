import { type ConnectOptions, checkConnectOptions, checkCredentials } from "./connect-options.ts";
import type { PerpetualConnector } from "./connector/perpetual-connector.ts";
import type { VenueModule } from "./connector/perpetual-venue.ts";
import { readyTimeoutMs as defaultReadyTimeoutMs } from "./connector/readiness.ts";
import { ConfigError } from "./model/error.ts";
import { checkServerUrls } from "./net/server-urls.ts";
import { loadVenue } from "./registry.ts";
import { realWork } from "./runtime/real-work.ts";
import type { Runtime } from "./runtime/runtime.ts";

export type { ConnectOptions } from "./connect-options.ts";

/**
 * Makes a connector without starting it: `start()` does. `connector` is one of `CONNECTOR_NAMES`, or the module of a
 * venue from outside this package.
 */
export async function createConnector(
  connector: string | VenueModule,
  options: ConnectOptions,
): Promise<PerpetualConnector> {
  checkConnectOptions(options);
  const { runtime, domain, restUrl, webSocketUrl, insecureUrls, readyTimeoutMs: _, ...rest } = options;
  checkServerUrls({ restUrl, webSocketUrl }, insecureUrls === true);
  checkCredentials(options.credentials);
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
 * an unknown name or option, `NotFoundError` for an unknown pair, `AuthError` for a key that the venue does not accept, `TransportError` when it cannot be
 * reached.
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

async function venueOf(connector: string | VenueModule) {
  if (typeof connector === "string") return loadVenue(connector);
  return { module: connector, domain: connector.manifest.defaultDomain };
}

async function nodeRuntime(): Promise<Runtime> {
  return (await import("./runtime/node-runtime.ts")).nodeRuntime();
}
