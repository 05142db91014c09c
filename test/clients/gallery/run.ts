// Plays the faults of the gallery against an unmodified client over real sockets, and writes what came of it at the end of docs/gallery.md.
import { readFileSync, writeFileSync } from "node:fs";
import { PEERS_MARK } from "../../../src/simulation/gallery/index.ts";
import { deadChannel } from "./books.ts";
import { BOUTS, PEER_VERSION } from "./bouts.ts";
import { type Bout, type Figure, type Protocol, Ring } from "./peer.ts";

const PAGE = new URL("../../../docs/gallery.md", import.meta.url);

// Its requests would go through a proxy of the environment, even those for 127.0.0.1.
for (const name of ["http_proxy", "https_proxy", "all_proxy"]) {
  delete process.env[name];
  delete process.env[name.toUpperCase()];
}
// It leaves promises behind that are rejected when it is closed.
process.on("unhandledRejection", () => undefined);

interface Result {
  readonly protocol: Protocol;
  readonly figures: readonly Figure[];
}

async function play(bout: Bout, protocol: Protocol): Promise<Result> {
  const ring = await Ring.open(bout, protocol);
  try {
    return { protocol, figures: await bout.play(ring) };
  } catch (error) {
    return { protocol, figures: [{ what: "the play", seen: String(error), wanted: "its end", holds: false }] };
  } finally {
    if (ring.errors.length > 0)
      console.log(`  ${protocol} errors: ${[...new Set(ring.errors)].join(", ")} (${ring.errors.length})`);
    await ring.close();
  }
}

const only = process.argv[2];
const rows: string[] = [];
/** Scenarios in which something was not as wanted. */
const missed = new Set<string>();
for (const bout of BOUTS) {
  if (only !== undefined && only !== bout.name) continue;
  console.log(bout.name);
  // A minute and a half of silence is waited for on all protocols at a time.
  const results = bout === deadChannel ? await Promise.all(bout.protocols.map((each) => play(bout, each))) : [];
  if (results.length === 0) for (const protocol of bout.protocols) results.push(await play(bout, protocol));
  for (const { protocol, figures } of results) {
    for (const { what, seen, wanted, holds } of figures) {
      if (!holds) missed.add(bout.name);
      console.log(`  ${protocol}: ${what}: ${seen} (wanted: ${wanted})`);
      rows.push(`| \`${bout.name}\` | ${protocol} | ${what} | ${seen} | ${wanted} | ${holds ? "yes" : "**no**"} |`);
    }
  }
}
if (only === undefined) {
  const [page = ""] = readFileSync(PAGE, "utf8").split(PEERS_MARK);
  const names = (isMissed: boolean) =>
    BOUTS.filter(({ name }) => missed.has(name) === isMissed).map(({ name }) => `\`${name}\``);
  const text = `## Peers

The same faults, made by the same box over real sockets and in real time, against \`ccxt\` ${PEER_VERSION} (its \`pro\` classes for
JavaScript, unmodified, called in a loop that goes on after an error, as its manual shows). What is wanted is what the scenario
wants of Perpwire, whose figures are those above. \`npm run gallery --prefix test/clients\` plays them, in some four minutes, and
writes this part. Real time differs from run to run, and a box is not the venue.

As wanted everywhere: ${names(false).join(", ") || "none"}. Not everywhere: ${names(true).join(", ") || "none"}.

| scenario | protocol | measured | ccxt | wanted | |
|---|---|---|---|---|---|
${rows.join("\n")}
`;
  writeFileSync(PAGE, `${page}${PEERS_MARK}\n\n${text}`);
}
process.exit();
