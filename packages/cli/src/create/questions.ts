import { ConfigError } from "../../../../src/model/error.ts";
import { checkUrl, credentialsOf, domainsOf, oneOf, partsOf, separatorOf, trimmed, wrong } from "./checks.ts";
import {
  CONTINUITY_RULES,
  CREDENTIALS,
  ENVELOPES,
  POSITION_MODES,
  SIGNATURE_ALGORITHMS,
  SIGNATURE_ENCODINGS,
  SIGNATURE_PLACES,
  SIGNED_PARTS,
  SIZE_UNITS,
  type SigningScheme,
  STREAM_ACCESSES,
  TIME_FORMS,
  type VenueChoices,
} from "./choices.ts";

export type QuestionName =
  | "displayName"
  | "pair"
  | "restUrl"
  | "wsUrl"
  | "privateWsUrl"
  | "domain"
  | "credentials"
  | "signatureAlgorithm"
  | "signatureIn"
  | "sign"
  | "signSeparator"
  | "signTime"
  | "signatureEncoding"
  | "envelope"
  | "continuity"
  | "sizes"
  | "signedSizes"
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
const NAME = /^[a-z][a-z0-9]*(_[a-z0-9]+)*$/;

interface Choice extends Pick<Question, "flag" | "text"> {
  /** Name of the answer in a refusal. */
  readonly what: string;
  readonly choices: readonly string[];
  readonly byDefault: string;
}

/** A question that is answered by one of a few words. */
function choice({ flag, text, what, choices, byDefault }: Choice): Question {
  return { flag, text, choices, default: () => byDefault, check: (answer) => void oneOf(what, choices, answer) };
}

const PLACES: Pick<Record<QuestionName, Question>, "restUrl" | "wsUrl" | "privateWsUrl" | "domain"> = {
  restUrl: {
    flag: "--rest-url <url>",
    text: "REST base URL",
    default: (name) => `https://api.${name.replaceAll("_", "-")}.example`,
    check: (answer) => checkUrl("REST base URL", answer, "https"),
  },
  wsUrl: {
    flag: "--ws-url <url>",
    text: "WebSocket URL of the public stream, whole",
    default: (name) => `wss://stream.${name.replaceAll("_", "-")}.example/ws`,
    check: (answer) => checkUrl("WebSocket URL", answer, "wss"),
  },
  privateWsUrl: {
    flag: "--private-ws-url <url>",
    text: "WebSocket URL of the private stream, whole",
    default: (_, { wsUrl }) => wsUrl ?? "that of --ws-url",
    check: (answer) => checkUrl("WebSocket URL of the private stream", answer, "wss"),
  },
  domain: {
    flag: "--domain <suffix=rest-url,ws-url,private-ws-url>",
    text: "further domains, apart by blanks, for example testnet=https://test.acme.example,wss://test.acme.example/ws",
    default: () => "",
    check: (answer) => void domainsOf("", answer),
  },
};

const SIGNING: Pick<Record<QuestionName, Question>, "credentials" | "sign" | "signSeparator"> = {
  credentials: {
    flag: "--credentials <names>",
    text: `credentials that the venue asks for: any of ${Object.keys(CREDENTIALS).join(",")}`,
    default: () => "apiKey,apiSecret",
    check: (answer) => void credentialsOf(answer),
  },
  sign: {
    flag: "--sign <parts>",
    text: `what a signature is made over, in this order: any of ${SIGNED_PARTS.join(",")}`,
    default: (_, { signatureIn }) => (signatureIn === "query" ? "query,body" : "timestamp,method,target,body"),
    check: (answer) => void partsOf(answer),
  },
  signSeparator: {
    flag: "--sign-separator <text>",
    text: "what stands between two signed parts: none, newline, or characters such as &",
    default: () => "none",
    check: (answer) => void separatorOf(answer),
  },
};

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
  ...PLACES,
  credentials: SIGNING.credentials,
  signatureAlgorithm: choice({
    flag: "--signature-algorithm <name>",
    text: "how requests are signed; own: a wallet's or another",
    what: "algorithm",
    choices: SIGNATURE_ALGORITHMS,
    byDefault: "hmac-sha256",
  }),
  signatureIn: choice({
    flag: "--signature-in <place>",
    text: "where a request is signed",
    what: "place of a signature",
    choices: SIGNATURE_PLACES,
    byDefault: "header",
  }),
  sign: SIGNING.sign,
  signSeparator: SIGNING.signSeparator,
  signTime: choice({
    flag: "--sign-time <form>",
    text: "how the time of a signature is written",
    what: "form of a time",
    choices: TIME_FORMS,
    byDefault: "milliseconds",
  }),
  signatureEncoding: choice({
    flag: "--signature-encoding <encoding>",
    text: "how a signature is written",
    what: "encoding",
    choices: SIGNATURE_ENCODINGS,
    byDefault: "hex",
  }),
  envelope: choice({
    flag: "--envelope <kind>",
    text: "how an answer is wrapped: code {code,message,data}, success {success,result}, or bare",
    what: "envelope",
    choices: ENVELOPES,
    byDefault: "code",
  }),
  continuity: choice({
    flag: "--continuity <rule>",
    text: "how a book's messages are linked, and where its snapshot comes from",
    what: "continuity rule",
    choices: CONTINUITY_RULES,
    byDefault: "previous-id-stream",
  }),
  sizes: choice({
    flag: "--sizes <unit>",
    text: "what sizes count: units of the base asset, or contracts",
    what: "unit of sizes",
    choices: SIZE_UNITS,
    byDefault: "base",
  }),
  signedSizes: choice({
    flag: "--signed-sizes <yes|no>",
    text: "whether the size of a sale is negative, and no field tells the side",
    what: "answer",
    choices: YES_NO,
    byDefault: "no",
  }),
  stream: choice({
    flag: "--stream <access>",
    text: "how the private stream is opened",
    what: "access",
    choices: STREAM_ACCESSES,
    byDefault: "login",
  }),
  timeSync: choice({
    flag: "--time-sync <yes|no>",
    text: "whether the venue tells its time, to sign with it",
    what: "answer",
    choices: YES_NO,
    byDefault: "yes",
  }),
  positionModes: choice({
    flag: "--position-modes <modes>",
    text: "one-way alone, or hedge mode as well",
    what: "position modes",
    choices: POSITION_MODES,
    byDefault: "one-way",
  }),
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
  const { wsUrl: webSocketUrl, privateWsUrl: privateWebSocketUrl } = answers;
  const first = { name: connector, restUrl: trimmed(answers.restUrl), webSocketUrl, privateWebSocketUrl };
  return {
    name,
    displayName: answers.displayName,
    exampleTradingPair: answers.pair,
    domains: [first, ...domainsOf(connector, answers.domain)],
    credentials: credentialsOf(answers.credentials),
    signing: signingOf(answers),
    envelope: oneOf("envelope", ENVELOPES, answers.envelope),
    continuity: oneOf("continuity rule", CONTINUITY_RULES, answers.continuity),
    sizeUnit: oneOf("unit of sizes", SIZE_UNITS, answers.sizes),
    hasSignedSizes: oneOf("answer", YES_NO, answers.signedSizes) === "yes",
    access: oneOf("access", STREAM_ACCESSES, answers.stream),
    hasServerTime: oneOf("answer", YES_NO, answers.timeSync) === "yes",
    positionModes: oneOf("position modes", POSITION_MODES, answers.positionModes),
  };
}

function signingOf(answers: Answers): SigningScheme {
  const place = oneOf("place of a signature", SIGNATURE_PLACES, answers.signatureIn);
  const parts = partsOf(answers.sign);
  // The time protects a signature against being used again: in the query it is a parameter, else a part of its own.
  const timed = place === "query" ? (["query", "target"] as const) : (["timestamp"] as const);
  if (!timed.some((part) => parts.includes(part))) {
    throw new ConfigError(`a signature in the ${place} over ${answers.sign} leaves out the time`, {
      hint: `--sign holds ${timed.join(" or ")}`,
    });
  }
  return {
    algorithm: oneOf("algorithm", SIGNATURE_ALGORITHMS, answers.signatureAlgorithm),
    parts,
    separator: separatorOf(answers.signSeparator),
    time: oneOf("form of a time", TIME_FORMS, answers.signTime),
    encoding: oneOf("encoding", SIGNATURE_ENCODINGS, answers.signatureEncoding),
    place,
  };
}

function capitalised(word: string): string {
  return `${word.slice(0, 1).toUpperCase()}${word.slice(1)}`;
}
