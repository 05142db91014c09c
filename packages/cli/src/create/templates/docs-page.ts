import { credentialSuffix } from "../../../../../src/net/auth.ts";
import { dashedName, type VenueChoices } from "../choices.ts";

const CONTINUITY: Readonly<Record<VenueChoices["continuity"], string>> = {
  "previous-id-stream": "a snapshot and changes on the stream; each names the id of the one before",
  "previous-id-rest":
    "a snapshot over REST, joined with the changes of the stream; each names the id of the one before",
  "contiguous-stream": "a snapshot and changes on the stream, whose ids count by one",
  "contiguous-rest": "a snapshot over REST, joined with the changes of the stream, whose ids count by one",
  checksum: "a snapshot and changes on the stream; each has a checksum of the book after it",
  "snapshots-by-id": "whole books on the stream, newer by their ids",
  "snapshots-by-time": "whole books on the stream, newer by their times",
};

const STREAM: Readonly<Record<VenueChoices["access"], string>> = {
  login: "opened with a login",
  "listen-key": "opened with a listen key",
  "fetched-address": "at a URL with a token, which is asked for before each connection",
  "signed-subscriptions": "without a login: each subscription is signed",
};
const ALGORITHM: Readonly<Record<VenueChoices["signing"]["algorithm"], string>> = {
  "hmac-sha256": "HMAC-SHA256",
  "hmac-sha512": "HMAC-SHA512",
  ed25519: "Ed25519",
  own: "the venue's own",
};

/** `docs/venues/<name>.md`. The rows of the checklist are written by `npm run docs`. */
export function docsPage(choices: VenueChoices): string {
  const { displayName, domains, positionModes, access, hasServerTime } = choices;
  const [{ name }] = domains;
  const folder = dashedName(choices.name);
  const keys = choices.credentials.map((each) => `\`${name}_${credentialSuffix({ name: each })}\``);
  return `# ${displayName}

${domains.map((domain) => `\`${domain.name}\``).join(", ")}: begun by \`perpwire create\`, not checked against the venue's
documentation yet. Each \`CHECK\` in \`src/venues/${folder}/\` is a guess, each \`paste\` in
\`test/venues/${folder}/fixtures.ts\` a payload that is still to come.

Tested how: the tests of the conformance kit that need no payload; nothing else yet.

## Keys

${keys.join(", ")}${domains.length > 1 ? " (and the same for the other names)" : ""} go into \`conf/conf_global.yml\`
or, in capitals, the environment; \`npx perpwire connect ${name}\` tries a key and stores it encrypted.

## What is supported

| | |
|---|---|
| order types | \`limit\`, \`limitMaker\`, \`market\`; GTC, IOC, FOK; reduce-only |
| position modes | ${positionModes === "hedge" ? "one-way and hedge" : "one-way"} |
| book | ${CONTINUITY[choices.continuity]} |
| private stream | ${STREAM[access]} |
| signature | ${signatureOf(choices)} |
| sizes | in ${choices.sizeUnit === "base" ? "base units" : "contracts"}${choices.hasSignedSizes ? ", negative for a sale" : ""} |
| clock | ${hasServerTime ? "synchronised with the venue's" : "this machine's: the venue does not tell its time"} |

## The rows of the checklist

<!-- rows of the API checklist; written by \`npm run docs\` -->

<!-- end of the rows -->
`;
}

function signatureOf({ signing: { algorithm, encoding, parts, place, separator } }: VenueChoices): string {
  const joined =
    separator === "" || parts.length < 2
      ? ""
      : `, joined by \`${JSON.stringify(separator).slice(1, -1).replaceAll("|", "\\|")}\``;
  const written = algorithm === "own" ? "" : `, in ${encoding}`;
  return `${ALGORITHM[algorithm]} over ${parts.join(", ")}${joined}${written}, in the ${place}`;
}
