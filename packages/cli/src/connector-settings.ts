import { ConfigError } from "../../../src/model/error.ts";
import { type CredentialSpec, type Credentials, credentialSuffix } from "../../../src/net/auth.ts";
import { checkServerUrls } from "../../../src/net/server-urls.ts";
import type { Cli } from "./cli.ts";
import { checkEnvironment, DEFAULT_CONFIG_PATH, isSecretKey, readConfigFile } from "./config.ts";
import { credentialSpecsOf } from "./connectors.ts";
import { openKeysOf } from "./key-ring.ts";
import { warnWhenOthersCanRead } from "./private-files.ts";
import { RISK_SUFFIXES, type RiskLimitTexts } from "./risk-options.ts";
import {
  agreeToServers,
  checkStoredServers,
  type Found,
  type NamedServers,
  type Source,
  verifiedServers,
} from "./trusted-servers.ts";

/** Settings that a connector is opened with: flags before environment before encrypted key store before file. */
export interface ConnectorSettings {
  /** Undefined when none of those that the venue needs is configured. */
  readonly credentials: Credentials | undefined;
  readonly restUrl: string | undefined;
  readonly webSocketUrl: string | undefined;
  readonly insecureUrls: boolean;
  readonly riskLimits: RiskLimitTexts;
}

export interface SettingsRequest {
  readonly connector: string;
  readonly connectorNames: readonly string[];
  /** `--config`; the default file may be absent, this one may not. */
  readonly configPath?: string | undefined;
  /** `--keys`; the default key store may be absent, this one may not. */
  readonly keysPath?: string | undefined;
  /** False: no key is looked for, and no password asked. Default true. */
  readonly needsCredentials?: boolean | undefined;
  readonly signal?: AbortSignal | undefined;
  readonly restUrl?: string | undefined;
  readonly webSocketUrl?: string | undefined;
  /** `--insecure-urls`: no encryption is asked for off this machine. */
  readonly insecureUrls?: boolean | undefined;
  /** `--trust-host`: hosts that keys from elsewhere may be sent to. */
  readonly trustedHosts?: readonly string[] | undefined;
}

/** Configuration of a connector, apart from the encrypted part. */
export interface Configuration {
  readonly servers: NamedServers;
  readonly riskLimits: RiskLimitTexts;
  fromEnvironment(suffix: string): string | undefined;
  fromFile(suffix: string): string | undefined;
}

/** Throws `ConfigError` that names what is wrong: a key of the file, a variable, a URL. */
export async function readConfiguration(cli: Cli, request: SettingsRequest): Promise<Configuration> {
  const { connector, connectorNames, configPath, insecureUrls } = request;
  const { files } = await cli.runtime();
  const { environment, workingDirectory } = cli.process;
  const content = await readConfigFile(files, workingDirectory, configPath, connectorNames);
  if (Object.keys(content).some((key) => isSecretKey(key, connectorNames))) {
    const path = configPath ?? `${workingDirectory}/${DEFAULT_CONFIG_PATH}`;
    await warnWhenOthersCanRead(cli, path, configNameOf(request));
  }
  checkEnvironment(environment, connector, connectorNames);
  // An empty variable or key means the same as none; a file or a shell adds a line end that belongs to no value.
  const fromFile = (suffix: string) => content[`${connector}_${suffix}`]?.trim() || undefined;
  const fromEnvironment = (suffix: string) => environment[`${connector}_${suffix}`.toUpperCase()]?.trim() || undefined;
  const find = (suffix: string, flag?: string): Found | undefined =>
    found(flag, "flag") ?? found(fromEnvironment(suffix), "environment") ?? found(fromFile(suffix), "file");
  const servers = {
    restUrl: find("rest_url", request.restUrl),
    webSocketUrl: find("ws_url", request.webSocketUrl),
  };
  checkServerUrls(textsOf(servers), insecureUrls === true);
  const riskLimits = Object.entries(RISK_SUFFIXES).flatMap(([suffix, name]) => {
    const text = find(suffix)?.text;
    return text === undefined ? [] : [[name, text]];
  });
  return { servers, riskLimits: Object.fromEntries(riskLimits), fromEnvironment, fromFile };
}

/**
 * Credentials come from the environment, the encrypted key store or the file, never from flags: a command line shows
 * in `ps`. The key store is opened, and its password asked for, only when the environment does not have all. What was
 * read is added to what no output may hold. A key from elsewhere than the URLs goes only where somebody has agreed to, a
 * stored one only where it was verified. Throws `ConfigError` that says what is wrong, `AuthError` for a wrong password.
 */
export async function readSettings(cli: Cli, request: SettingsRequest): Promise<ConnectorSettings> {
  const configuration = await readConfiguration(cli, request);
  const { servers, riskLimits } = configuration;
  const credentials = request.needsCredentials === false ? undefined : await readKey(cli, request, configuration);
  return { credentials, ...textsOf(servers), insecureUrls: request.insecureUrls === true, riskLimits };
}

async function readKey(
  cli: Cli,
  request: SettingsRequest,
  { servers, fromEnvironment, fromFile }: Configuration,
): Promise<Credentials | undefined> {
  const { connector, trustedHosts, signal } = request;
  const specs = credentialSpecsOf(connector);
  const required = specs.filter(({ isRequired }) => isRequired);
  const isInEnvironment = required.every((spec) => fromEnvironment(credentialSuffix(spec)) !== undefined);
  const ring = isInEnvironment ? undefined : await openKeysOf(cli, connector, request);
  const stored = ring !== undefined && Object.hasOwn(ring.keys, connector) ? ring.keys[connector] : undefined;
  const parts = new Map(
    specs.map((spec) => {
      const suffix = credentialSuffix(spec);
      const part =
        found(fromEnvironment(suffix), "environment") ??
        found(stored?.credentials[spec.name], "keyStore") ??
        found(fromFile(suffix), "file");
      return [spec, part] as const;
    }),
  );
  const credentials = credentialsOf(cli, connector, parts);
  if (credentials === undefined) return undefined;
  const sources = [...parts].flatMap(([{ isSecret }, part]) => (isSecret && part !== undefined ? [part.source] : []));
  const isStored = sources.includes("keyStore");
  if (isStored && stored?.servers !== undefined) checkStoredServers(connector, stored.servers, servers);
  const keySources =
    isStored && stored?.servers !== undefined ? sources.filter((source) => source !== "keyStore") : sources;
  const wasAsked = await agreeToServers(cli, {
    ...{ connector, keySources, servers, trustedHosts, signal },
    configName: configNameOf(request),
  });
  if (wasAsked && stored !== undefined && stored.servers === undefined) {
    await ring?.put(connector, { ...stored, servers: verifiedServers(servers) });
  }
  return credentials;
}

function found(text: string | undefined, source: Source): Found | undefined {
  return text === undefined ? undefined : { text, source };
}

export function textsOf({ restUrl, webSocketUrl }: NamedServers) {
  return { restUrl: restUrl?.text, webSocketUrl: webSocketUrl?.text };
}

export function configNameOf({ configPath }: SettingsRequest): string {
  return configPath ?? DEFAULT_CONFIG_PATH;
}

function credentialsOf(
  cli: Cli,
  connector: string,
  parts: ReadonlyMap<CredentialSpec, Found | undefined>,
): Credentials | undefined {
  for (const [{ isSecret }, part] of parts) if (isSecret && part !== undefined) cli.secrets.add(part.text);
  const required = [...parts].filter(([{ isRequired }]) => isRequired);
  const present = required.find(([, part]) => part !== undefined)?.[0];
  const missing = required.find(([, part]) => part === undefined)?.[0];
  if (present === undefined) return undefined;
  if (missing !== undefined) {
    const [has, lacks] = [present, missing].map((spec) => `${connector}_${credentialSuffix(spec)}`);
    throw new ConfigError(`${has} is configured without ${lacks}`, {
      hint: `set ${lacks} as well, in the file or as ${lacks?.toUpperCase()}`,
    });
  }
  return Object.fromEntries([...parts].flatMap(([{ name }, part]) => (part === undefined ? [] : [[name, part.text]])));
}
