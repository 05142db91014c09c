import { readdirSync, readFileSync } from "node:fs";
import { join, resolve } from "node:path";
import { describe, expect, it } from "vitest";

const SRC = resolve(import.meta.dirname, "../../src");

/** Where the contract between the engine and a venue is written down, and its interfaces there. */
const CONTRACT: Readonly<Record<string, readonly string[]>> = {
  "connector/perpetual-venue.ts": [
    ...["VenueHeartbeat", "VenueManifest", "VenuePaths", "VenueWebUtils", "ExchangeInfo", "PlacedOrder"],
    ...["AmendOrder", "VenueDerivative", "VenueCapabilities", "PerpetualVenue", "CreateVenueOptions", "VenueModule"],
  ],
  "market-data/venue-order-book-data-source.ts": ["PublicChannel", "VenueOrderBookDataSource"],
  "market-data/continuity.ts": ["ChecksumRule", "SequenceRule", "SnapshotsRule"],
  "account/venue-user-stream-data-source.ts": ["VenueUserStreamDataSource"],
  "net/auth.ts": ["Authenticator"],
  "net/order-socket.ts": ["OrderSocketConventions"],
  "net/rest-conventions.ts": ["RestConventions"],
};
/** Folders whose code reads the contract; the kit and the venues themselves are none. */
const READERS = ["net", "market-data", "trading", "account", "connector", "../packages/cli/src", "simulation"];

const withoutComments = (text: string): string => text.replace(/\/\*[\s\S]*?\*\/|\/\/[^\n]*/g, "");

const filesOf = (folder: string): readonly string[] =>
  readdirSync(join(SRC, folder), { recursive: true, encoding: "utf8" })
    .filter((file) => file.endsWith(".ts") && !file.includes("templates/"))
    .map((file) => join(folder, file));

const readers = ["registry.ts", "connect.ts", ...READERS.flatMap(filesOf)].map((file) =>
  withoutComments(readFileSync(join(SRC, file), "utf8")),
);

/** The names of an interface's own members; those of nested objects count as well. */
function membersOf(text: string, name: string): readonly string[] {
  const body = new RegExp(`interface ${name}\\b[^{]*\\{([\\s\\S]*?)\\n\\}`).exec(text)?.[1];
  if (body === undefined) throw new TypeError(`there is no interface ${name}`);
  return [...body.matchAll(/(?:^|[{;])\s*(?:readonly )?(\w+)\??\s*[:(]/gm)].map(([, member = ""]) => member);
}

/** True where some code takes the member of an object: `x.member`, `{ member }` or `{ member: other }`. */
function isRead(member: string): boolean {
  const read = new RegExp(`\\.${member}\\b|[{,]\\s*${member}\\s*(?:[,}]|: \\w+ *[,}=]|=)|"${member}"`);
  return readers.some((text) => read.test(text));
}

const members = Object.entries(CONTRACT).flatMap(([file, interfaces]) => {
  const text = withoutComments(readFileSync(join(SRC, file), "utf8"));
  return interfaces.flatMap((name) => membersOf(text, name).map((member) => ({ name, member })));
});

describe("the contract between the engine and a venue", () => {
  it("has no member that nobody reads", () => {
    expect(members.length).toBeGreaterThan(100);
    const unread = members.filter(({ member }) => !isRead(member));
    expect(unread.map(({ name, member }) => `${name}.${member}`)).toEqual([]);
  });

  it.each(["cancelsAreInstant", "fillsComeWithStatus", "duplicatesRejected"])(
    "has no reader of %s, which is no member",
    (member) => {
      expect(isRead(member)).toBe(false);
    },
  );
});
