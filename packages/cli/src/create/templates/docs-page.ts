import type { VenueChoices } from "../choices.ts";

const CONTINUITY: Readonly<Record<VenueChoices["continuity"], string>> = {
  "previous-id-stream": "a snapshot and changes on the stream; each names the id of the one before",
  "previous-id-rest":
    "a snapshot over REST, joined with the changes of the stream; each names the id of the one before",
  "contiguous-stream": "a snapshot and changes on the stream, whose ids count by one",
  "contiguous-rest": "a snapshot over REST, joined with the changes of the stream, whose ids count by one",
  checksum: "a snapshot and changes on the stream; each has a checksum of the book after it",
};

/** `docs/venues/<name>.md`. The rows of the checklist are written by `npm run docs`. */
export function docsPage(choices: VenueChoices): string {
  const { displayName, domains, positionModes, access, hasServerTime } = choices;
  const [{ name }] = domains;
  const { parts, place, encoding } = choices.signing;
  return `# ${displayName}

${domains.map((domain) => `\`${domain.name}\``).join(", ")}: begun by \`perpwire create\`, not checked against the venue's
documentation yet. Each \`CHECK\` in \`src/venues/${choices.name}/\` is a guess, each \`paste\` in
\`test/venues/${choices.name}/fixtures.ts\` a payload that is still to come.

Tested how: the tests of the conformance kit that need no payload; nothing else yet.

## Keys

\`${name}_api_key\` and \`${name}_api_secret\`${domains.length > 1 ? " (and the same for the other names)" : ""} go into \`conf/conf_global.yml\`
or, in capitals, the environment; \`npx perpwire connect ${name}\` tries a key and stores it encrypted.

## What is supported

| | |
|---|---|
| order types | \`limit\`, \`limitMaker\`, \`market\`; GTC, IOC, FOK; reduce-only |
| position modes | ${positionModes === "hedge" ? "one-way and hedge" : "one-way"} |
| book | ${CONTINUITY[choices.continuity]} |
| private stream | opened with a ${access === "login" ? "login" : "listen key"} |
| signature | HMAC-SHA256 over ${parts.join(", ")}, ${encoding}, in the ${place} |
| clock | ${hasServerTime ? "synchronised with the venue's" : "this machine's: the venue does not tell its time"} |

## The rows of the checklist

<!-- rows of the API checklist; written by \`npm run docs\` -->

<!-- end of the rows -->
`;
}
