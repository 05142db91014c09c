import { ConfigError } from "../model/error.ts";
import type { Credentials } from "../net/auth.ts";
import { checkServerUrls } from "../net/server-urls.ts";
import type { Cli } from "./cli.ts";
import { CREDENTIAL_SUFFIXES, checkEnvironment, DEFAULT_CONFIG_PATH, readConfigFile, type Suffix } from "./config.ts";
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

/** What a connector is opened with: flags before environment before encrypted key store before file. */
export interface ConnectorSettings {
  /** Undefined when neither key nor secret is configured. */
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

/** What is configured of a connector, apart from what is stored encrypted. */
export interface Configuration {
  readonly servers: NamedServers;
  readonly riskLimits: RiskLimitTexts;
  fromEnvironment(suffix: Suffix): string | undefined;
  fromFile(suffix: Suffix): string | undefined;
}

/** Throws `ConfigError` that names what is wrong: a key of the file, a variable, a URL. */
export async function readConfiguration(cli: Cli, request: SettingsRequest): Promise<Configuration> {
  const { connector, connectorNames, configPath, insecureUrls } = request;
  const { files } = await cli.runtime();
  const { environment, workingDirectory } = cli.process;
  const content = await readConfigFile(files, workingDirectory, configPath, connectorNames);
  if (Object.keys(content).some((key) => SECRET_KEY.test(key))) {
    const path = configPath ?? `${workingDirectory}/${DEFAULT_CONFIG_PATH}`;
    await warnWhenOthersCanRead(cli, path, configNameOf(request));
  }
  checkEnvironment(environment, connector, connectorNames);
  // An empty variable or key means the same as none; a file or a shell adds a line end that belongs to no value.
  const fromFile = (suffix: Suffix) => content[`${connector}_${suffix}`]?.trim() || undefined;
  const fromEnvironment = (suffix: Suffix) => environment[`${connector}_${suffix}`.toUpperCase()]?.trim() || undefined;
  const find = (suffix: Suffix, flag?: string): Found | undefined =>
    found(flag, "flag") ?? found(fromEnvironment(suffix), "environment") ?? found(fromFile(suffix), "file");
  const servers = {
    restUrl: find("rest_url", request.restUrl),
    webSocketUrl: find("ws_url", request.webSocketUrl),
  };
  checkServerUrls(textsOf(servers), insecureUrls === true);
  const riskLimits = Object.entries(RISK_SUFFIXES).flatMap(([suffix, name]) => {
    const text = find(suffix as Suffix)?.text;
    return text === undefined ? [] : [[name, text]];
  });
  return { servers, riskLimits: Object.fromEntries(riskLimits), fromEnvironment, fromFile };
}

const SECRET_KEY = /_(api_key|api_secret|passphrase)$/;

/**
 * Key and secret come from the environment, the encrypted key store or the file, never from flags: a command line shows
 * in `ps`. The key store is opened, and its password asked for, only when the environment does not have both. What was
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
  const isInEnvironment = fromEnvironment("api_key") !== undefined && fromEnvironment("api_secret") !== undefined;
  const ring = isInEnvironment ? undefined : await openKeysOf(cli, connector, request);
  const stored = ring !== undefined && Object.hasOwn(ring.keys, connector) ? ring.keys[connector] : undefined;
  const find = (name: keyof Credentials): Found | undefined =>
    found(fromEnvironment(CREDENTIAL_SUFFIXES[name]), "environment") ??
    found(stored?.credentials[name], "keyStore") ??
    found(fromFile(CREDENTIAL_SUFFIXES[name]), "file");
  const parts = { apiKey: find("apiKey"), apiSecret: find("apiSecret"), passphrase: find("passphrase") };
  const credentials = credentialsOf(cli, connector, {
    apiKey: parts.apiKey?.text,
    apiSecret: parts.apiSecret?.text,
    subAccount: find("subAccount")?.text,
    passphrase: parts.passphrase?.text,
  });
  if (credentials === undefined) return undefined;
  const sources = Object.values(parts).flatMap((part) => (part === undefined ? [] : [part.source]));
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
  { apiKey, apiSecret, ...others }: { readonly [Name in keyof Credentials]?: Credentials[Name] | undefined },
): Credentials | undefined {
  for (const secret of [apiKey, apiSecret, others.passphrase]) if (secret !== undefined) cli.secrets.add(secret);
  if (apiKey === undefined && apiSecret === undefined) return undefined;
  if (apiKey === undefined || apiSecret === undefined) {
    const [present, missing] = apiKey === undefined ? ["api_secret", "api_key"] : ["api_key", "api_secret"];
    throw new ConfigError(`${connector}_${present} is configured without ${connector}_${missing}`, {
      hint: `set ${connector}_${missing} as well, in the file or as ${`${connector}_${missing}`.toUpperCase()}`,
    });
  }
  return { apiKey, apiSecret, ...others };
}
