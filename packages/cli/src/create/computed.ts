import { PAPER_PASSPHRASE } from "../../../../src/paper/protocols/accounts.ts";
import {
  CREDENTIALS,
  type CredentialName,
  credentialList,
  headerPrefix,
  type SignedPart,
  type VenueChoices,
} from "./choices.ts";
import { slotsOf } from "./slots.ts";

const LINE_WIDTH = 120;

/** Contents of regions that no variant can hold, because they are lists of what was answered. By file and region. */
export type Computed = Readonly<Record<string, Readonly<Record<string, string>>>>;

/** `template`: sources of the template by file; `parts` holds an expression for each signed part. */
export function computedSlots(choices: VenueChoices, constants: string, parts: string): Computed {
  const domain = slotsOf(constants).get("domain") ?? "";
  const bank = slotsOf(parts);
  return {
    "constants.ts": { domain: choices.domains.map((each) => domainOf(choices, domain, each)).join("\n") },
    "auth.ts": { payload: payloadOf(choices, bank), helpers: helpersOf(choices, bank) },
    "manifest.ts": { credentials: `credentials: ${credentialList(choices)},` },
    "fixtures.ts": { auth: authFixture(choices), credentials: testCredentials(choices) },
    "server.ts": { credentials: boxCredentials(choices) },
  };
}

/** The lines of a domain with its own name and URLs. */
function domainOf({ access }: VenueChoices, lines: string, domain: VenueChoices["domains"][0]): string {
  const suffix = access === "listen-key" ? "?listenKey={listenKey}" : "";
  const urls: Readonly<Record<string, string>> = {
    rest: domain.restUrl,
    public: domain.webSocketUrl,
    private: `${domain.privateWebSocketUrl}${suffix}`,
  };
  return lines
    .replace(/^\w+(?=: \{$)/m, domain.name)
    .replace(/^(\s*)(rest|public|private): ".*",$/gm, (_, indent: string, name: string) => {
      return `${indent}${name}: "${urls[name]}",`;
    });
}

/** The statement that joins the signed parts. The window is a parameter where the time is one. */
function payloadOf({ signing }: VenueChoices, bank: ReadonlyMap<string, string>): string {
  const { parts, place, separator } = signing;
  const joined = parts.filter((part) => place === "header" || part !== "window");
  const expressions = joined.map((part) => bank.get(part)?.replace(/,$/, "") ?? "");
  const [only] = expressions;
  if (expressions.length === 1 && only !== undefined) return `const payload = ${only};`;
  return list("const payload = [", expressions, `].join(${JSON.stringify(separator)});`, 6);
}

function helpersOf({ signing: { parts } }: VenueChoices, bank: ReadonlyMap<string, string>): string {
  const helperOf = (part: SignedPart): readonly string[] => {
    const helper = bank.get(`${part}-helper`);
    return helper === undefined ? [] : [helper];
  };
  return parts.flatMap(helperOf).join("\n\n");
}

/** Places of key, time and signature, as the kit looks for them. */
function authFixture({ name, signing: { parts, place, time } }: VenueChoices): string {
  const prefix = headerPrefix(name).toLowerCase();
  const hasWindow = parts.includes("window");
  const inHeader = [`${prefix}-key`, `${prefix}-timestamp`, ...(hasWindow ? [`${prefix}-window`] : [])];
  const inQuery = [...(hasWindow ? ["recvWindow"] : []), "timestamp", "signature"];
  const format = time === "milliseconds" ? "" : `, format: "${time}"`;
  const lines =
    place === "header"
      ? [list("headers: [", [...inHeader, `${prefix}-sign`].map(quoted), "],", 4)]
      : [`headers: [${quoted(`${prefix}-key`)}],`, `params: [${inQuery.map(quoted).join(", ")}],`];
  const where =
    place === "header" ? `"headers", name: ${quoted(`${prefix}-timestamp`)}` : '"params", name: "timestamp"';
  return ["auth: {", ...lines, `timestamp: { in: ${where}${format} },`]
    .join("\n")
    .replaceAll("\n", "\n  ")
    .concat("\n},");
}

const TEST_CREDENTIALS: Readonly<Record<CredentialName, string>> = {
  apiKey: "key-of-the-tests",
  apiSecret: "secret-of-the-tests",
  passphrase: "passphrase-of-the-tests",
  userId: "user-of-the-tests",
  subAccount: "sub-account-of-the-tests",
  privateKey: "private-key-of-the-tests",
  accountAddress: "address-of-the-tests",
  vaultAddress: "vault-of-the-tests",
};

/** Credentials that sign. */
const SIGNING_KEYS: ReadonlySet<CredentialName> = new Set(["apiSecret", "privateKey"]);

function isEdwardsKey({ signing }: VenueChoices, name: CredentialName): boolean {
  return signing.algorithm === "ed25519" && SIGNING_KEYS.has(name);
}

function testCredentials(choices: VenueChoices): string {
  const secretOf = (name: CredentialName): string => {
    const text = TEST_CREDENTIALS[name];
    return isEdwardsKey(choices, name) ? Buffer.alloc(32, text).toString("base64") : text;
  };
  return choices.credentials.map((name) => `${name}: ${quoted(secretOf(name))},`).join("\n");
}

/** Expressions of what the exchange in the box hands out, of the fields of its keys. */
const BOX_CREDENTIALS: Readonly<Record<CredentialName, string | undefined>> = {
  apiKey: "key.apiKey",
  apiSecret: "key.apiSecret",
  passphrase: `key.passphrase ?? ${JSON.stringify(PAPER_PASSPHRASE)}`,
  userId: "key.username",
  subAccount: undefined,
  privateKey: "key.apiSecret",
  accountAddress: "key.apiKey",
  vaultAddress: undefined,
};

/** Lines with every credential that a venue asks for; sub-accounts and vaults are named only by those who use one. */
function boxCredentials(choices: VenueChoices): string {
  return choices.credentials
    .flatMap((name) => {
      const value = BOX_CREDENTIALS[name];
      if (value === undefined) return [];
      return [`${name}: ${isEdwardsKey(choices, name) ? `Buffer.alloc(32, ${value}).toString("base64")` : value},`];
    })
    .join("\n");
}

/** Names in the code of the credentials that say who asks and that sign, where these are not a key and its secret. */
export function credentialRenames({ credentials }: VenueChoices): Readonly<Record<string, string>> {
  const key = credentials.includes("apiKey") ? "apiKey" : "accountAddress";
  const secret = credentials.includes("apiSecret") ? "apiSecret" : "privateKey";
  return {
    apiKey: key,
    [CREDENTIALS.apiKey]: CREDENTIALS[key],
    apiSecret: secret,
    [CREDENTIALS.apiSecret]: CREDENTIALS[secret],
  };
}

const quoted = (text: string): string => JSON.stringify(text);

/** A list in one line where it fits, at this indentation, and else an item a line. */
function list(begin: string, items: readonly string[], end: string, indent: number): string {
  const line = `${begin}${items.join(", ")}${end}`;
  if (indent + line.length <= LINE_WIDTH) return line;
  return [begin, ...items.map((item) => `  ${item},`), end].join("\n");
}
