import { ConfigError } from "../../../../src/model/error.ts";
import {
  CONTINUITY_RULES,
  type Domain,
  ENVELOPES,
  POSITION_MODES,
  SIGNATURE_ENCODINGS,
  SIGNATURE_PLACES,
  SIGNED_PARTS,
  type SigningScheme,
  STREAM_ACCESSES,
  type VenueChoices,
} from "./choices.ts";

export type QuestionName =
  | "displayName"
  | "pair"
  | "restUrl"
  | "wsUrl"
  | "domain"
  | "signatureIn"
  | "sign"
  | "signatureEncoding"
  | "envelope"
  | "continuity"
  | "stream"
  | "timeSync"
  | "positionModes";

/** Answers as text. */
export type Answers = Readonly<Record<QuestionName, string>>;

/** One thing to know of a venue: asked for, or given as a flag. */
export interface Question {
  readonly flag: string;
  /** Text for the help, and in front of the answer. */
  readonly text: string;
  /** The answers that there are, where they can be counted. */
  readonly choices?: readonly string[] | undefined;
  /** The default, from the venue's name and the answers so far. */
  default(name: string, answers: Partial<Answers>): string;
  /** Throws `ConfigError` that names the rule. */
  check(answer: string): void;
}

const YES_NO = ["yes", "no"] as const;
const MAX_NAME = 20;
const MAX_URL = 80;
const NAME = /^[a-z][a-z0-9]*(_[a-z0-9]+)*$/;
const SUFFIX = /^[a-z][a-z0-9]{0,11}$/;

/** Questions in the order in which they are asked. */
export const QUESTIONS: Readonly<Record<QuestionName, Question>> = {
  displayName: {
    flag: "--display-name <text>",
    text: "name for people",
    default: (name) => name.split("_").map(capitalised).join(" "),
    check: (answer) => {
      if (!/^[\p{L}\p{N}][\p{L}\p{N} .&-]{0,39}$/u.test(answer))
        throw wrong("name for people", answer, "at most 40 letters, digits, blanks and . & -");
    },
  },
  pair: {
    flag: "--pair <BASE-QUOTE>",
    text: "trading pair for examples and tests",
    default: () => "BTC-USDT",
    check: (answer) => {
      if (!/^[A-Z0-9]{1,12}-[A-Z0-9]{1,12}$/.test(answer))
        throw wrong("trading pair", answer, "BASE-QUOTE in capitals, for example BTC-USDT");
    },
  },
  restUrl: {
    flag: "--rest-url <url>",
    text: "REST base URL",
    default: (name) => `https://api.${name.replaceAll("_", "-")}.example`,
    check: (answer) => checkUrl("REST base URL", answer, "https"),
  },
  wsUrl: {
    flag: "--ws-url <url>",
    text: "WebSocket base URL",
    default: (name) => `wss://stream.${name.replaceAll("_", "-")}.example/ws`,
    check: (answer) => checkUrl("WebSocket base URL", answer, "wss"),
  },
  domain: {
    flag: "--domain <suffix=rest-url,ws-url>",
    text: "further domains, apart by blanks, for example testnet=https://test.acme.example,wss://test.acme.example/ws",
    default: () => "",
    check: (answer) => void domainsOf("", answer),
  },
  signatureIn: {
    flag: "--signature-in <place>",
    text: "where a request is signed",
    choices: SIGNATURE_PLACES,
    default: () => "header",
    check: (answer) => void oneOf("place of a signature", SIGNATURE_PLACES, answer),
  },
  sign: {
    flag: "--sign <parts>",
    text: `what the HMAC-SHA256 is made over, in this order: any of ${SIGNED_PARTS.join(",")}`,
    default: (_, { signatureIn }) => (signatureIn === "query" ? "query,body" : "timestamp,method,target,body"),
    check: (answer) => void partsOf(answer),
  },
  signatureEncoding: {
    flag: "--signature-encoding <encoding>",
    text: "how a signature is written",
    choices: SIGNATURE_ENCODINGS,
    default: () => "hex",
    check: (answer) => void oneOf("encoding", SIGNATURE_ENCODINGS, answer),
  },
  envelope: {
    flag: "--envelope <kind>",
    text: "how an answer is wrapped: code {code,message,data}, success {success,result}, or bare",
    choices: ENVELOPES,
    default: () => "code",
    check: (answer) => void oneOf("envelope", ENVELOPES, answer),
  },
  continuity: {
    flag: "--continuity <rule>",
    text: "how a book's messages are linked, and where its snapshot comes from",
    choices: CONTINUITY_RULES,
    default: () => "previous-id-stream",
    check: (answer) => void oneOf("continuity rule", CONTINUITY_RULES, answer),
  },
  stream: {
    flag: "--stream <access>",
    text: "how the private stream is opened",
    choices: STREAM_ACCESSES,
    default: () => "login",
    check: (answer) => void oneOf("access", STREAM_ACCESSES, answer),
  },
  timeSync: {
    flag: "--time-sync <yes|no>",
    text: "whether the venue tells its time, to sign with it",
    choices: YES_NO,
    default: () => "yes",
    check: (answer) => void oneOf("answer", YES_NO, answer),
  },
  positionModes: {
    flag: "--position-modes <modes>",
    text: "one-way alone, or hedge mode as well",
    choices: POSITION_MODES,
    default: () => "one-way",
    check: (answer) => void oneOf("position modes", POSITION_MODES, answer),
  },
};

export const QUESTION_NAMES = Object.keys(QUESTIONS) as readonly QuestionName[];

/** Every question answered by its default. */
export function defaultAnswers(name: string): Answers {
  const answers: Partial<Record<QuestionName, string>> = {};
  for (const question of QUESTION_NAMES) answers[question] = QUESTIONS[question].default(name, answers);
  return answers as Answers;
}

export const NAME_RULE = `lower-case letters, digits and single underscores, a letter first, at most ${MAX_NAME} characters`;

/** `acme` of `acme` and of `acme_perpetual`. Throws `ConfigError` with the rule. */
export function venueNameOf(text: string): string {
  const name = text.replace(/_perpetual$/, "");
  if (!NAME.test(name) || name.length > MAX_NAME || name === "all") {
    throw new ConfigError(`"${text}" cannot be a venue's name`, { hint: `it is ${NAME_RULE}, for example acme` });
  }
  return name;
}

/** Everything that was answered, checked. Throws `ConfigError` for what does not go together. */
export function choicesOf(name: string, answers: Answers): VenueChoices {
  for (const question of QUESTION_NAMES) QUESTIONS[question].check(answers[question]);
  const connector = `${name}_perpetual`;
  const first = { name: connector, restUrl: trimmed(answers.restUrl), webSocketUrl: trimmed(answers.wsUrl) };
  return {
    name,
    displayName: answers.displayName,
    exampleTradingPair: answers.pair,
    domains: [first, ...domainsOf(connector, answers.domain)],
    signing: signingOf(answers),
    envelope: oneOf("envelope", ENVELOPES, answers.envelope),
    continuity: oneOf("continuity rule", CONTINUITY_RULES, answers.continuity),
    access: oneOf("access", STREAM_ACCESSES, answers.stream),
    hasServerTime: oneOf("answer", YES_NO, answers.timeSync) === "yes",
    positionModes: oneOf("position modes", POSITION_MODES, answers.positionModes),
  };
}

function signingOf({ sign, signatureEncoding, signatureIn }: Answers): SigningScheme {
  const place = oneOf("place of a signature", SIGNATURE_PLACES, signatureIn);
  const parts = partsOf(sign);
  // The time protects a signature against being used again: in the query it is a parameter, else a part of its own.
  const timed = place === "query" ? (["query", "target"] as const) : (["timestamp"] as const);
  if (!timed.some((part) => parts.includes(part))) {
    throw new ConfigError(`a signature in the ${place} over ${sign} leaves out the time`, {
      hint: `--sign holds ${timed.join(" or ")}`,
    });
  }
  return { parts, place, encoding: oneOf("encoding", SIGNATURE_ENCODINGS, signatureEncoding) };
}

function partsOf(answer: string): SigningScheme["parts"] {
  const parts = answer.split(",").map((part) => oneOf("part of a signature", SIGNED_PARTS, part.trim()));
  if (new Set(parts).size < parts.length) throw wrong("list of signed parts", answer, "each part once");
  return parts;
}

/** `testnet=https://...,wss://...`, several apart by blanks. */
function domainsOf(connector: string, answer: string): readonly Domain[] {
  const rule = "suffix=rest-url,ws-url; a suffix is a lower-case letter and up to 11 letters and digits, each once";
  const domains = answer
    .split(/\s+/)
    .filter((text) => text !== "")
    .map((text) => {
      const [, suffix = "", restUrl = "", webSocketUrl = ""] = /^([^=]*)=([^,]*),(.*)$/.exec(text) ?? [];
      if (!SUFFIX.test(suffix)) throw wrong("domain", text, rule);
      checkUrl("REST base URL", restUrl, "https");
      checkUrl("WebSocket base URL", webSocketUrl, "wss");
      return { name: `${connector}_${suffix}`, restUrl: trimmed(restUrl), webSocketUrl: trimmed(webSocketUrl) };
    });
  if (new Set(domains.map(({ name }) => name)).size < domains.length) throw wrong("list of domains", answer, rule);
  return domains;
}

function checkUrl(what: string, text: string, protocol: "https" | "wss"): void {
  const protocols = [`${protocol}:`, `${protocol.slice(0, -1)}:`];
  const isPlain = /^[\w.:/~%-]+$/.test(text) && text.length <= MAX_URL;
  if (isPlain && URL.canParse(text) && protocols.includes(new URL(text).protocol)) return;
  throw wrong(what, text, `begins with ${protocol}://, has no query and at most ${MAX_URL} characters`);
}

function oneOf<const Choice extends string>(what: string, choices: readonly Choice[], answer: string): Choice {
  const found = choices.find((choice) => choice === answer);
  if (found === undefined) throw wrong(what, answer, `one of ${choices.join(", ")}`);
  return found;
}

function wrong(what: string, answer: string, rule: string): ConfigError {
  return new ConfigError(`the ${what} "${answer}" is not one`, {
    hint: `it is ${rule}`.replace("is begins", "begins"),
  });
}

const capitalised = (word: string): string => `${word.slice(0, 1).toUpperCase()}${word.slice(1)}`;
const trimmed = (url: string): string => url.replace(/\/+$/, "");
