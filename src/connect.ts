import type { PerpetualConnectorOptions } from "./connector/connector-options.ts";
import type { PerpetualConnector } from "./connector/perpetual-connector.ts";
import { ConfigError } from "./model/error.ts";
import { splitTradingPair } from "./model/market.ts";
import { loadVenue } from "./registry.ts";
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

/** Makes a connector without starting it: `start()` does. */
export async function createConnector(name: string, options: ConnectOptions): Promise<PerpetualConnector> {
  const { runtime, domain, restUrl, webSocketUrl, readyTimeoutMs: _, ...rest } = options;
  checkTradingPairs(options.tradingPairs);
  const { module, domain: defaultDomain } = await loadVenue(name);
  if (domain !== undefined && !module.manifest.domains.includes(domain)) {
    const hint = `it has ${module.manifest.domains.join(", ")}`;
    throw new ConfigError(`${name} has no domain "${domain}"`, { hint });
  }
  const venue = module.createVenue({ domain: domain ?? defaultDomain, restUrl, webSocketUrl });
  const { PerpetualConnector } = await import("./connector/perpetual-connector.ts");
  return new PerpetualConnector({ ...rest, venue, runtime: runtime ?? (await nodeRuntime()) });
}

/**
 * Opens a connector and resolves when it is ready to trade. Rejects, with nothing left running, with `ConfigError` for
 * an unknown name or pair, `AuthError` for a key that the venue does not accept, `TransportError` when it cannot be
 * reached.
 */
export async function connect(name: string, options: ConnectOptions): Promise<PerpetualConnector> {
  const connector = await createConnector(name, options);
  try {
    await connector.start();
    if (options.readyTimeoutMs !== 0) await connector.waitUntilReady({ timeoutMs: options.readyTimeoutMs ?? 30_000 });
  } catch (error) {
    await connector.stop();
    throw error;
  }
  return connector;
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
