import type { ConnectOptions } from "../../../src/connect.ts";
import type { PerpetualConnector } from "../../../src/connector/perpetual-connector.ts";
import type { VenueModule } from "../../../src/connector/perpetual-venue.ts";
import { ConfigError } from "../../../src/model/error.ts";
import type { CredentialSpec } from "../../../src/net/auth.ts";
import { PROTOCOL_NAMES } from "../../../src/paper/protocols/protocol-names.ts";
import type { ProtocolDefinition } from "../../../src/paper/protocols/protocols.ts";
import * as registry from "../../../src/registry.ts";
import { realWork } from "../../../src/runtime/real-work.ts";

/** A venue that `--module` brought, and what the exchange in the box speaks for it. */
export interface OutsideVenue {
  readonly module: VenueModule;
  readonly protocol: ProtocolDefinition | undefined;
}

/** Facts of the process, like its arguments: they are loaded before any command looks for a connector. */
const outsideVenues: OutsideVenue[] = [];

/** Adds a venue to those that come with the package, once. Throws `ConfigError` where a name is another's. */
export function addOutsideVenue(venue: OutsideVenue): void {
  if (outsideVenues.some(({ module }) => module === venue.module)) return;
  const { name, domains } = venue.module.manifest;
  const taken = domains.find((domain) => connectorNames().includes(domain));
  if (taken !== undefined) throw new ConfigError(`the connector name ${taken} is taken`, { hint: `rename ${name}` });
  const protocol = venue.protocol?.name;
  if (protocol !== undefined && apiNames().includes(protocol)) {
    throw new ConfigError(`the exchange in the box has a protocol "${protocol}"`, {
      hint: "rename that of the module",
    });
  }
  outsideVenues.push(venue);
}

const outsideVenueOf = (connector: string): OutsideVenue | undefined =>
  outsideVenues.find(({ module }) => module.manifest.domains.includes(connector));

/** Every connector name that there is. */
export function connectorNames(): readonly string[] {
  return [...registry.CONNECTOR_NAMES, ...outsideVenues.flatMap(({ module }) => module.manifest.domains)];
}

/** Credentials that a connector's venue asks for; none for a name that there is not. */
export function credentialSpecsOf(connector: string): readonly CredentialSpec[] {
  return outsideVenueOf(connector)?.module.manifest.credentials ?? registry.credentialSpecsOf(connector);
}

/** The venue and the domain that a connector name stands for; throws `ConfigError` with the names that exist. */
export async function loadVenue(connector: string): ReturnType<typeof registry.loadVenue> {
  const outside = outsideVenueOf(connector);
  if (outside !== undefined) return { module: outside.module, domain: connector };
  if (!registry.CONNECTOR_NAMES.includes(connector)) throw registry.unknownConnector(connector, connectorNames());
  return registry.loadVenue(connector);
}

/** Makes the connector of that name, or of a venue, without starting it. */
export async function createConnector(
  connector: string | VenueModule,
  options: ConnectOptions,
): Promise<PerpetualConnector> {
  const { createConnector: create } = await realWork(import("../../../src/connect.ts"));
  if (typeof connector !== "string") return create(connector, options);
  const outside = outsideVenueOf(connector);
  if (outside === undefined) {
    // Names the connectors of the modules as well.
    await loadVenue(connector);
    return create(connector, options);
  }
  const { module, protocol } = outside;
  const { paper = false } = options;
  if (paper === false) return create(module, { domain: connector, ...options });
  if (protocol === undefined) throw unspoken(connector);
  return create(module, { domain: connector, ...options, paper: { ...(paper === true ? {} : paper), protocol } });
}

/** Protocol that the exchange in the box speaks for a venue's connectors; undefined where it has none. */
export function paperApiOf(manifestName: string): ReturnType<typeof paperApi> {
  const outside = outsideVenues.find(({ module }) => module.manifest.name === manifestName);
  return outside === undefined ? PROTOCOL_NAMES.find((api) => manifestName === `${api}_perpetual`) : outside.protocol;
}

/** Names that `paperApi` knows. */
export function apiNames(): readonly string[] {
  return [...PROTOCOL_NAMES, ...outsideVenues.flatMap(({ protocol }) => protocol?.name ?? [])];
}

/** The protocol of that name, as the exchange in the box takes it. */
export function paperApi(name: string) {
  return (
    PROTOCOL_NAMES.find((known) => known === name) ?? outsideVenues.find((it) => it.protocol?.name === name)?.protocol
  );
}

function unspoken(connector: string): ConfigError {
  return new ConfigError(`the exchange in the box does not speak the protocol of ${connector}`, {
    hint: "its module would export it as paperProtocol",
  });
}
