import { ConfigError } from "../../../../src/model/error.ts";
import { CREDENTIALS, type CredentialName, type Domain, SIGNED_PARTS, type SigningScheme } from "./choices.ts";

const MAX_URL = 80;
const MAX_SEPARATOR = 3;
const SUFFIX = /^[a-z][a-z0-9]{0,11}$/;

/** Refusal of an answer, with the rule. */
export function wrong(what: string, answer: string, rule: string): ConfigError {
  return new ConfigError(`the ${what} "${answer}" is not one`, {
    hint: `it is ${rule}`.replace("is begins", "begins"),
  });
}

export function oneOf<const Choice extends string>(what: string, choices: readonly Choice[], answer: string): Choice {
  const found = choices.find((choice) => choice === answer);
  if (found === undefined) throw wrong(what, answer, `one of ${choices.join(", ")}`);
  return found;
}

export function checkUrl(what: string, text: string, protocol: "https" | "wss"): void {
  const protocols = [`${protocol}:`, `${protocol.slice(0, -1)}:`];
  const isPlain = /^[\w.:/~%-]+$/.test(text) && text.length <= MAX_URL;
  if (isPlain && URL.canParse(text) && protocols.includes(new URL(text).protocol)) return;
  throw wrong(what, text, `begins with ${protocol}://, has no query and at most ${MAX_URL} characters`);
}

export function partsOf(answer: string): SigningScheme["parts"] {
  const parts = answer.split(",").map((part) => oneOf("part of a signature", SIGNED_PARTS, part.trim()));
  if (new Set(parts).size < parts.length) throw wrong("list of signed parts", answer, "each part once");
  return parts;
}

/** `none`, `newline`, or the characters themselves. */
export function separatorOf(answer: string): string {
  if (answer === "none") return "";
  if (answer === "newline") return "\n";
  if (/^[^\w\s"\\]+$/.test(answer) && /^[ -~]+$/.test(answer) && answer.length <= MAX_SEPARATOR) return answer;
  throw wrong("separator", answer, `none, newline, or up to ${MAX_SEPARATOR} characters such as & or |`);
}

/** Names of credentials, apart by commas: one that says who asks and one that signs are among them. */
export function credentialsOf(answer: string): readonly CredentialName[] {
  const names = Object.keys(CREDENTIALS);
  const found = answer.split(",").map((name) => credentialOf(oneOf("credential", names, name.trim())));
  const has = (...wanted: readonly CredentialName[]): boolean => wanted.some((name) => found.includes(name));
  if (new Set(found).size < found.length) throw wrong("list of credentials", answer, "each name once");
  if (!has("apiKey", "accountAddress")) {
    throw wrong("list of credentials", answer, "apiKey or accountAddress, which say who asks, and others");
  }
  if (!has("apiSecret", "privateKey")) {
    throw wrong("list of credentials", answer, "apiSecret or privateKey, which sign, and others");
  }
  return found;
}

function credentialOf(name: string): CredentialName {
  if (isCredential(name)) return name;
  throw wrong("credential", name, `one of ${Object.keys(CREDENTIALS).join(", ")}`);
}

const isCredential = (name: string): name is CredentialName => Object.hasOwn(CREDENTIALS, name);

/** `testnet=https://...,wss://...`, several apart by blanks; the private stream's URL may follow. */
export function domainsOf(connector: string, answer: string): readonly Domain[] {
  const rule =
    "suffix=rest-url,ws-url or suffix=rest-url,ws-url,private-ws-url; a suffix is a lower-case letter and up to 11 letters and digits, each once";
  const domains = answer
    .split(/\s+/)
    .filter((text) => text !== "")
    .map((text) => {
      const [suffix = "", urls = ""] = text.split(/=(.*)/s);
      const [restUrl = "", webSocketUrl, privateWebSocketUrl = webSocketUrl, ...others] = urls.split(",");
      if (
        !SUFFIX.test(suffix) ||
        webSocketUrl === undefined ||
        privateWebSocketUrl === undefined ||
        others.length > 0
      ) {
        throw wrong("domain", text, rule);
      }
      checkUrl("REST base URL", restUrl, "https");
      checkUrl("WebSocket URL", webSocketUrl, "wss");
      checkUrl("WebSocket URL of the private stream", privateWebSocketUrl, "wss");
      return { name: `${connector}_${suffix}`, restUrl: trimmed(restUrl), webSocketUrl, privateWebSocketUrl };
    });
  if (new Set(domains.map(({ name }) => name)).size < domains.length) throw wrong("list of domains", answer, rule);
  return domains;
}

/** A REST URL without slashes at its end: paths begin with one. */
export const trimmed = (url: string): string => url.replace(/\/+$/, "");
