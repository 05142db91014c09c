import { ConfigError } from "../model/error.ts";
import type { Credentials } from "../net/auth.ts";
import { realWork } from "../runtime/real-work.ts";
import type { Files } from "../runtime/runtime.ts";
import type { Cli } from "./cli.ts";
import { readStoredKeys } from "./key-ring.ts";
import { RISK_SUFFIXES, type RiskLimitTexts } from "./risk-options.ts";

/** What follows `<connector>_` in a key of the configuration. */
const CONNECTION_SUFFIXES = ["api_key", "api_secret", "passphrase", "sub_account", "rest_url", "ws_url"] as const;
type Suffix = (typeof CONNECTION_SUFFIXES)[number] | keyof typeof RISK_SUFFIXES;
const SUFFIXES: readonly string[] = [...CONNECTION_SUFFIXES, ...Object.keys(RISK_SUFFIXES)];

/** What each credential is called in the configuration. */
export const CREDENTIAL_SUFFIXES = {
  apiKey: "api_key",
  apiSecret: "api_secret",
  passphrase: "passphrase",
  subAccount: "sub_account",
} as const satisfies Readonly<Record<keyof Credentials, Suffix>>;

export const DEFAULT_CONFIG_PATH = "conf/conf_global.yml";

/** What a connector is opened with: flags before environment before encrypted key store before file. */
export interface ConnectorSettings {
  /** Undefined when neither key nor secret is configured. */
  readonly credentials: Credentials | undefined;
  readonly restUrl: string | undefined;
  readonly webSocketUrl: string | undefined;
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
}

/**
 * Key and secret come from the environment, the encrypted key store or the file, never from flags: a command line shows
 * in `ps`. The key store is opened, and its password asked for, only when the environment does not have both. What was
 * read is added to what no output may hold. Throws `ConfigError` that names the key which is wrong, `AuthError` for a
 * wrong password.
 */
export async function readSettings(cli: Cli, request: SettingsRequest): Promise<ConnectorSettings> {
  const { connector, connectorNames, configPath } = request;
  const { files } = await cli.runtime();
  const fromFile = await readConfigFile(files, cli.process.workingDirectory, configPath, connectorNames);
  await warnWhenOthersCanRead(cli, files, configPath, fromFile);
  // An empty variable or key means the same as none.
  const fromEnvironment = (suffix: Suffix): string | undefined =>
    cli.process.environment[`${connector}_${suffix}`.toUpperCase()] || undefined;
  const value = (suffix: Suffix): string | undefined =>
    fromEnvironment(suffix) ?? (fromFile[`${connector}_${suffix}`] || undefined);
  const isInEnvironment = fromEnvironment("api_key") !== undefined && fromEnvironment("api_secret") !== undefined;
  const wantsStored = request.needsCredentials !== false && !isInEnvironment;
  const stored = wantsStored ? await readStoredKeys(cli, connector, request) : undefined;
  const credential = (name: keyof Credentials): string | undefined =>
    fromEnvironment(CREDENTIAL_SUFFIXES[name]) ?? stored?.[name] ?? value(CREDENTIAL_SUFFIXES[name]);
  const found = {
    apiKey: credential("apiKey"),
    apiSecret: credential("apiSecret"),
    subAccount: credential("subAccount"),
    passphrase: credential("passphrase"),
  };
  const riskLimits = Object.entries(RISK_SUFFIXES).flatMap(([suffix, name]) => {
    const text = value(suffix as Suffix);
    return text === undefined ? [] : [[name, text]];
  });
  return {
    credentials: request.needsCredentials === false ? undefined : credentialsOf(cli, connector, found),
    restUrl: checkedUrl("REST", request.restUrl ?? value("rest_url"), ["http:", "https:"]),
    webSocketUrl: checkedUrl("WebSocket", request.webSocketUrl ?? value("ws_url"), ["ws:", "wss:"]),
    riskLimits: Object.fromEntries(riskLimits),
  };
}

function credentialsOf(
  cli: Cli,
  connector: string,
  { apiKey, apiSecret, ...others }: { readonly [Name in keyof Credentials]?: Credentials[Name] | undefined },
): Credentials | undefined {
  if (apiKey === undefined && apiSecret === undefined) return undefined;
  if (apiKey === undefined || apiSecret === undefined) {
    const [present, missing] = apiKey === undefined ? ["api_secret", "api_key"] : ["api_key", "api_secret"];
    throw new ConfigError(`${connector}_${present} is configured without ${connector}_${missing}`, {
      hint: `set ${connector}_${missing} as well, in the file or as ${`${connector}_${missing}`.toUpperCase()}`,
    });
  }
  cli.secrets.add(apiKey).add(apiSecret);
  if (others.passphrase !== undefined) cli.secrets.add(others.passphrase);
  return { apiKey, apiSecret, ...others };
}

function checkedUrl(what: string, text: string | undefined, protocols: readonly string[]): string | undefined {
  if (text === undefined) return undefined;
  const url = URL.canParse(text) ? new URL(text) : undefined;
  if (url !== undefined && protocols.includes(url.protocol)) return text;
  const hint = `it begins with ${protocols.map((protocol) => `${protocol}//`).join(" or ")}`;
  throw new ConfigError(`the ${what} URL "${text}" is not one`, { hint });
}

async function warnWhenOthersCanRead(
  cli: Cli,
  files: Files,
  configPath: string | undefined,
  content: Readonly<Record<string, string>>,
): Promise<void> {
  if (!Object.keys(content).some((key) => key.endsWith("_api_secret"))) return;
  const name = configPath ?? DEFAULT_CONFIG_PATH;
  const mode = await files.mode(configPath ?? `${cli.process.workingDirectory}/${DEFAULT_CONFIG_PATH}`);
  if ((mode & 0o077) !== 0) cli.process.writeError(`${name} holds secrets and others can read it: chmod 600 ${name}\n`);
}

/** The file's keys and values. Nulls are left out, so that a template can name every key. */
export async function readConfigFile(
  files: Files,
  workingDirectory: string,
  configPath: string | undefined,
  connectorNames: readonly string[],
): Promise<Readonly<Record<string, string>>> {
  const path = configPath ?? `${workingDirectory}/${DEFAULT_CONFIG_PATH}`;
  const name = configPath ?? DEFAULT_CONFIG_PATH;
  if (configPath === undefined && !(await files.exists(path))) return {};
  const content = parseYaml(await realWork(import("yaml")), await files.readText(path), name);
  return checkContent(await realWork(import("zod")), content, name, connectorNames);
}

/** No message of the YAML parser is shown: it quotes the file, and the file holds secrets. */
function parseYaml({ parseDocument, LineCounter }: typeof import("yaml"), text: string, name: string): unknown {
  const lineCounter = new LineCounter();
  const document = parseDocument(text, { lineCounter, prettyErrors: false });
  const [error] = document.errors;
  if (error !== undefined) {
    const { line } = lineCounter.linePos(error.pos[0]);
    throw new ConfigError(`${name} line ${line}: not valid YAML (${error.code})`, { hint: "a line is key: value" });
  }
  try {
    return document.toJS({ maxAliasCount: 0 }) ?? {};
  } catch {
    throw new ConfigError(`${name}: aliases are not understood`, { hint: "put text that begins with * into quotes" });
  }
}

function checkContent(
  { z }: typeof import("zod"),
  content: unknown,
  name: string,
  connectorNames: readonly string[],
): Readonly<Record<string, string>> {
  const keys = connectorNames.flatMap((connector) => SUFFIXES.map((suffix) => `${connector}_${suffix}`));
  const schema = z.strictObject(Object.fromEntries(keys.map((key) => [key, z.string().nullish()])));
  const parsed = schema.safeParse(content);
  if (parsed.success) {
    return Object.fromEntries(
      Object.entries(parsed.data).flatMap(([key, value]) => (typeof value === "string" ? [[key, value]] : [])),
    );
  }
  const [issue] = parsed.error.issues;
  if (issue?.code === "unrecognized_keys") throw unknownKey(name, issue.keys[0] ?? "", keys, connectorNames);
  const key = issue?.path.join(".");
  if (key) throw new ConfigError(`${name}: ${key} must be text`, { hint: `write ${key}: "..." with quotes, or null` });
  throw new ConfigError(`${name} must hold lines of key: value`, { hint: "see conf/conf_global_TEMPLATE.yml" });
}

function unknownKey(
  name: string,
  key: string,
  keys: readonly string[],
  connectorNames: readonly string[],
): ConfigError {
  const alike = keys.find((known) => distance(known, key) <= 3);
  const shape = `keys are <connector>_ and ${SUFFIXES.join(", ")}; connectors are ${connectorNames.join(", ")}`;
  return new ConfigError(`${name}: there is no key "${key}"`, {
    hint: alike === undefined ? shape : `did you mean ${alike}?`,
  });
}

/** Edits (insert, delete, replace) between two texts. */
function distance(from: string, to: string): number {
  let row = Array.from({ length: to.length + 1 }, (_, column) => column);
  for (const [index, letter] of [...from].entries()) {
    const next = [index + 1];
    for (let column = 1; column <= to.length; column += 1) {
      const replaced = (row[column - 1] ?? 0) + (letter === to[column - 1] ? 0 : 1);
      next.push(Math.min(replaced, (row[column] ?? 0) + 1, (next[column - 1] ?? 0) + 1));
    }
    row = next;
  }
  return row[to.length] ?? 0;
}
