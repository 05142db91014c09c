import { ConfigError } from "../../../src/model/error.ts";
import { nearestName } from "../../../src/model/names.ts";
import { credentialSuffix } from "../../../src/net/auth.ts";
import { realWork } from "../../../src/runtime/real-work.ts";
import type { Files } from "../../../src/runtime/runtime.ts";
import { connectorNames as allConnectorNames, credentialSpecsOf } from "./connectors.ts";
import { RISK_SUFFIXES } from "./risk-options.ts";

/** Suffixes that follow `<connector>_` in a key of the configuration, besides the credentials of its venue. */
const OTHER_SUFFIXES: readonly string[] = ["rest_url", "ws_url", ...Object.keys(RISK_SUFFIXES)];

const suffixesOf = (connector: string): readonly string[] => [
  ...credentialSpecsOf(connector).map(credentialSuffix),
  ...OTHER_SUFFIXES,
];

/** Suffixes of the credentials of every venue: one that a connector does not have is known all the same. */
const credentialSuffixes = (): readonly string[] => [
  ...new Set(allConnectorNames().flatMap((connector) => credentialSpecsOf(connector).map(credentialSuffix))),
];

const keysOf = (connector: string): readonly string[] =>
  suffixesOf(connector).map((suffix) => `${connector}_${suffix}`);

/** Tells that a key of the configuration holds a secret. */
export function isSecretKey(key: string, connectorNames: readonly string[]): boolean {
  return connectorNames.some((connector) =>
    credentialSpecsOf(connector).some((spec) => spec.isSecret && key === `${connector}_${credentialSuffix(spec)}`),
  );
}

/** Names that people take from a venue's web page. */
const OTHER_NAMES: Readonly<Record<string, string>> = {
  key: "api_key",
  access_key: "api_key",
  secret: "api_secret",
  secret_key: "api_secret",
  password: "passphrase",
};

/** Longest configuration: the search for duplicate keys goes pair by pair and takes minutes for 2 MB. */
const MAX_CONFIG_LENGTH = 2 ** 17;

export const DEFAULT_CONFIG_PATH = "conf/conf_global.yml";

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
  const text = await files.readText(path);
  if (text.length > MAX_CONFIG_LENGTH) {
    throw new ConfigError(`${name} is longer than ${MAX_CONFIG_LENGTH} characters`, {
      hint: "it holds lines of key: value, see conf/conf_global_TEMPLATE.yml",
    });
  }
  const content = parseYaml(await realWork(import("yaml")), text, name);
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
  const keys = connectorNames.flatMap(keysOf);
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
  // The longest: `bybit_perpetual` begins the names of its testnet's keys as well.
  const [connector] = connectorNames
    .filter((known) => key.startsWith(`${known}_`))
    .toSorted((a, b) => b.length - a.length);
  const text = connector === undefined ? key : key.slice(connector.length + 1);
  const suffix = connector === undefined ? undefined : nearestSuffix(text, connector);
  const isOfAnother = credentialSuffixes().includes(text);
  const nearest = suffix === undefined ? nearestName(key, keys) : `${connector}_${suffix}`;
  const alike = isOfAnother ? undefined : nearest;
  const suffixes = connector === undefined ? [...credentialSuffixes(), ...OTHER_SUFFIXES] : suffixesOf(connector);
  const shape = `keys are ${connector ?? "<connector>"}_ and ${suffixes.join(", ")}; connectors are ${connectorNames.join(", ")}`;
  return new ConfigError(`${name}: there is no key "${key}"`, {
    hint: alike === undefined ? shape : `did you mean ${alike}?`,
  });
}

function nearestSuffix(text: string, connector: string): string | undefined {
  const suffixes = suffixesOf(connector);
  const other = Object.hasOwn(OTHER_NAMES, text) ? OTHER_NAMES[text] : undefined;
  if (other !== undefined && suffixes.includes(other)) return other;
  return credentialSuffixes().includes(text) ? undefined : nearestName(text, suffixes);
}

/**
 * Throws `ConfigError` for a variable that is nearly one of the connector's: whoever misspelt a key would trade without
 * it, or at another server. Variables that resemble none are somebody else's.
 */
export function checkEnvironment(
  environment: Readonly<Record<string, string | undefined>>,
  connector: string,
  connectorNames: readonly string[],
): void {
  const known = new Set(connectorNames.flatMap(keysOf));
  for (const variable of Object.keys(environment)) {
    const name = variable.toLowerCase();
    if (!variable.startsWith(`${connector.toUpperCase()}_`) || known.has(name)) continue;
    const text = name.slice(connector.length + 1);
    const suffix = nearestSuffix(text, connector);
    if (suffix === undefined && !credentialSuffixes().includes(text)) continue;
    const has = credentialSpecsOf(connector).map(credentialSuffix).join(", ");
    throw new ConfigError(`the environment variable ${variable} is none of ${connector}`, {
      hint: suffix === undefined ? `its keys have ${has}` : `did you mean ${`${connector}_${suffix}`.toUpperCase()}?`,
    });
  }
}

/**
 * Variables that look like a key of the connector's venue and are none: `BYBIT_API_KEY`, `BYBIT_PERPETAUL_API_KEY`. They
 * may be another program's, so that they are only named where a key is missing.
 */
export function keyLikeVariables(
  environment: Readonly<Record<string, string | undefined>>,
  connector: string,
  connectorNames: readonly string[],
): readonly string[] {
  const known = new Set(connectorNames.flatMap(keysOf));
  const [venue = connector] = connector.split("_");
  const own = credentialSpecsOf(connector).map((spec) => `${connector}_${credentialSuffix(spec)}`);
  return Object.keys(environment).filter((variable) => {
    const name = variable.toLowerCase();
    if (known.has(name) || !/(key|secret|passphrase|password)$/.test(name)) return false;
    return name.startsWith(`${venue}_`) || nearestName(name, own) !== undefined;
  });
}
