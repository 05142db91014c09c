import { execFile } from "node:child_process";
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { promisify } from "node:util";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import type { VenueChoices } from "../../../packages/cli/src/create/choices.ts";
import { REGISTRY_PATH, withRegistration } from "../../../packages/cli/src/create/files.ts";
import { createConnector } from "../../../src/connect.ts";
import type { VenueModule } from "../../../src/connector/perpetual-venue.ts";
import { createPaperVenue, formatAmount } from "../../../src/paper/index.ts";
import type { FrameSink } from "../../../src/paper/protocols/frame.ts";
import type { PaperProtocol, ProtocolPorts } from "../../../src/paper/protocols/paper-protocol.ts";
import { SimulatedWorld } from "../../../src/runtime/simulated.ts";
import type { PerpetualConnectorFixtures } from "../../../src/testing/kit/fixtures.ts";
import { describePerpetualConnector } from "../../../src/testing/kit/index.ts";
import { runInProcess, type TestResult } from "../../../src/testing/kit/runner.ts";
import { pastedFixtures } from "./pasted-fixtures.ts";
import { SIGNATURES } from "./pasted-signatures.ts";
import { choices, combinations, filesInRepository, filesOfPackage, plantTree, ROOT } from "./tree.ts";

const run = promisify(execFile);
const TIMEOUT_MS = 240_000;

const COMBINED = combinations();
/** Names and addresses of any length must not change how a file is formatted. */
const LONG = choices("a_venue_with_a_name0", {
  displayName: "A venue whose name is long 123",
  restUrl: `https://${"a".repeat(60)}.example/`,
  wsUrl: `wss://${"b".repeat(60)}.example/ws/v1`,
  domain: "testnet00000=https://t.example,wss://t.example demo=http://d.example,ws://d.example",
  pair: "BTC-USDC",
});
const KITS = [
  choices("header", { positionModes: "hedge" }),
  choices("query", {
    ...{ signatureIn: "query", envelope: "bare", stream: "listen-key", continuity: "previous-id-rest" },
    signatureEncoding: "base64",
  }),
  choices("window", {
    ...{ sign: "timestamp,key,window,query,body", envelope: "success", continuity: "contiguous-stream" },
    ...{ timeSync: "no", positionModes: "hedge" },
  }),
  choices("checksum", { continuity: "checksum", stream: "listen-key", envelope: "success" }),
  choices("signed", {
    ...{ signatureAlgorithm: "hmac-sha512", sign: "method,path,query,body-sha512,timestamp", signSeparator: "newline" },
    ...{ signTime: "seconds", credentials: "apiKey,apiSecret,userId", stream: "signed-subscriptions" },
    ...{ sizes: "contracts", signedSizes: "yes", continuity: "contiguous-rest", positionModes: "hedge" },
  }),
  choices("iso", {
    ...{ signatureEncoding: "base64", signTime: "iso", credentials: "apiKey,apiSecret,passphrase" },
    ...{ continuity: "snapshots-by-time", sizes: "contracts" },
  }),
  choices("wallet", {
    ...{ signatureAlgorithm: "hmac-sha512", signatureEncoding: "base64", credentials: "privateKey,accountAddress" },
    ...{ sign: "timestamp,key,method,path,query,body", signSeparator: "&", stream: "fetched-address" },
    ...{ continuity: "snapshots-by-id", signedSizes: "yes", envelope: "bare" },
  }),
  choices("edwards", { signatureAlgorithm: "ed25519", signatureEncoding: "base64" }),
];

interface Venue {
  readonly fixtures: PerpetualConnectorFixtures;
  readonly module: VenueModule;
}

/** Everything of a protocol but its server. */
const PROTOCOL = {
  engine: { makerFee: 0n, takerFee: 0n, fundingDivisor: 1n },
  clientIdsTaken: "ever",
  stepIsSmallestOrder: true,
} as const;

/** Names that cannot be made texts: a client may send them, and is refused like others. */
const NO_TEXT = '{"op":"subscribe","channel":{"toString":1},"symbol":{"toString":2}}';

type Servers = Readonly<Record<string, new (ports: ProtocolPorts) => PaperProtocol>>;

const importServer = (name: string): Promise<Servers> =>
  import(join(tree.root, `src/paper/protocols/${name}/server.ts`)) as Promise<Servers>;

let tree: Awaited<ReturnType<typeof plantTree>>;

async function load({ name }: VenueChoices): Promise<Venue> {
  const found = (await import(join(tree.root, `test/venues/${name}/fixtures.ts`))) as Record<string, unknown>;
  const fixtures = found[`${name}Fixtures`] as PerpetualConnectorFixtures;
  return { fixtures, module: fixtures.venueModule };
}

const kitOf = (fixtures: PerpetualConnectorFixtures): Promise<readonly TestResult[]> =>
  runInProcess((runner) => describePerpetualConnector(fixtures, runner));
const failuresOf = (results: readonly TestResult[]): readonly string[] =>
  results.flatMap(({ path, status, error }) =>
    status === "failed" ? [`${path.join(" > ")}: ${String(error).slice(0, 300)}`] : [],
  );

beforeAll(async () => {
  const packages = await Promise.all(
    [...COMBINED.slice(0, 6), LONG].map(async (venue) =>
      (await filesOfPackage(venue)).map(({ path, text }) => ({ path: `packages/${venue.name}/${path}`, text })),
    ),
  );
  const registry = withRegistration(readFileSync(join(ROOT, REGISTRY_PATH), "utf8"), LONG);
  const rows = [{ path: REGISTRY_PATH, text: withRegistration(registry, COMBINED[0]!) }];
  const venues = await Promise.all([...COMBINED, LONG, ...KITS].map(filesInRepository));
  tree = await plantTree([...venues.flat(), ...packages.flat(), ...rows]);
}, TIMEOUT_MS);

afterAll(() => tree[Symbol.asyncDispose]());

describe("what the scaffolder writes", () => {
  it("covers every pair of choices", () => {
    const answersOf = ({ signing, ...venue }: VenueChoices): readonly string[] => [
      ...[venue.continuity, venue.envelope, venue.access, `time ${venue.hasServerTime}`, venue.positionModes],
      ...[venue.sizeUnit, `signed ${venue.hasSignedSizes}`, venue.credentials.join(), signing.algorithm],
      ...[signing.place, signing.encoding, `between ${signing.separator}`, signing.time],
    ];
    const pairs = new Set<string>();
    const answers = new Map<number, Set<string>>();
    for (const venue of COMBINED) {
      answersOf(venue).forEach((answer, index, all) => {
        answers.set(index, (answers.get(index) ?? new Set()).add(answer));
        for (const other of all.slice(index + 1)) pairs.add(`${answer} ${other}`);
      });
    }
    const sizes = [...answers.values()].map(({ size }) => size);
    const wanted = sizes.flatMap((size, index) => sizes.slice(index + 1).map((other) => size * other));
    expect(sizes).toEqual([7, 3, 4, 2, 2, 2, 2, 4, 4, 2, 2, 3, 3]);
    expect(pairs.size).toBe(wanted.reduce((sum, count) => sum + count, 0));
  });

  it("compiles", { timeout: TIMEOUT_MS }, async () => {
    const tsc = join(ROOT, "node_modules/.bin/tsc");
    await expect(run(tsc, ["--noEmit", "-p", tree.root], { cwd: tree.root })).resolves.toBeDefined();
  });

  it("lints and is formatted", { timeout: TIMEOUT_MS }, async () => {
    const biome = join(ROOT, "node_modules/.bin/biome");
    const folders = [REGISTRY_PATH, "src/venues", "src/paper/protocols", "test", "packages"];
    await expect(run(biome, ["ci", "--colors=off", ...folders], { cwd: tree.root })).resolves.toBeDefined();
  });

  it("refuses in the exchange in the box what is not known yet, by its name", async () => {
    const [{ name }] = KITS as [VenueChoices];
    const { HeaderServer } = await importServer(name);
    const world = new SimulatedWorld({ seed: 1 });
    let server: PaperProtocol | undefined;
    const create = (ports: ProtocolPorts): PaperProtocol => {
      server = new HeaderServer!(ports);
      return server;
    };
    const venue = await world.run(createPaperVenue({ api: { ...PROTOCOL, name, create }, seed: 1 }, world.runtime()));
    const api = server!;
    const ask = async (method: string, target: string) => {
      const { status, body } = await api.answer({ method, target, headers: {}, body: "", remoteAddress: "" });
      return { status, body: JSON.parse(body) as unknown };
    };
    const time = await ask("GET", "/header/v1/time");
    expect(time).toEqual({ status: 200, body: { code: 0, data: { serverTime: expect.any(Number) } } });
    expect(await ask("POST", "/header/v1/orders")).toEqual({
      status: 501,
      body: { code: 501, message: "the paper venue does not speak POST /v1/orders yet" },
    });
    expect([api.ownsRequest("/header/v1/time"), api.ownsRequest("/headers"), api.ownsRequest("/api")]).toEqual([
      ...[true, false, false],
    ]);
    const frames: string[] = [];
    const sink: FrameSink = { send: ({ text }) => frames.push(text), revive: () => undefined, close: () => undefined };
    const connection = api.connect(sink, {
      ...{ method: "GET", target: "/header/private" },
      headers: {},
      body: "",
      remoteAddress: "",
    });
    if ("refuse" in connection) throw new Error("it refuses connections");
    for (const text of [
      '{"op":"ping"}',
      '{"op":"login"}',
      '{"op":"subscribe","channel":"fills"}',
      "nothing",
      NO_TEXT,
    ]) {
      await connection.onText(text);
    }
    connection.onClose();
    expect(frames.map((text) => JSON.parse(text) as unknown)).toEqual([
      { op: "pong" },
      { op: "login", success: false, message: 'the paper venue does not speak {"op":"login"} yet' },
      expect.objectContaining({
        op: "subscribe",
        success: false,
        channel: "fills",
        message: "the paper venue has no such channel of that market",
      }),
      { success: false, message: "the paper venue does not speak nothing yet" },
      expect.objectContaining({ op: "subscribe", success: false }),
    ]);
    await world.run(venue.stop());
  });

  it("stays within what a venue may have", async () => {
    for (const venue of [...COMBINED, LONG]) {
      const files = (await filesInRepository(venue)).filter(({ path }) => path.startsWith("src/venues/"));
      expect(files).toHaveLength(venue.continuity === "checksum" ? 11 : 10);
      expect(files.filter(({ text }) => text.split("\n").length > 251)).toEqual([]);
      expect(files.reduce((sum, { text }) => sum + text.split("\n").length, 0)).toBeLessThan(1_200);
    }
  });

  it("reaches no host by default", async () => {
    for (const { text } of await filesInRepository(choices())) {
      const hosts = [...text.matchAll(/(?:https?|wss?):\/\/([\w.-]+\.[a-z]+)/g)].map(([, host]) => host);
      for (const host of hosts) expect(host).toMatch(/\.example$|^paper\.venue$/);
    }
  });
});

describe.each(KITS)("a generated venue, $name", (venue) => {
  it("gets every credential that its manifest asks for from the exchange in the box", async () => {
    const { name } = venue;
    const { module } = await load(venue);
    const servers = await importServer(name);
    const create = (ports: ProtocolPorts) => new servers[`${name[0]!.toUpperCase()}${name.slice(1)}Server`]!(ports);
    const world = new SimulatedWorld({ seed: 1 });
    const api = { ...PROTOCOL, name, create };
    const box = await world.run(createPaperVenue({ api, seed: 1, quiet: true }, world.runtime("box")));
    const given = box.credentials(name);
    const required = module.manifest.credentials.filter(({ isRequired }) => isRequired);
    expect(required.filter((credential) => !given[credential.name])).toEqual([]);
    expect(Object.keys(given).filter((key) => !module.manifest.credentials.some((each) => each.name === key))).toEqual(
      [],
    );
    await world.run(box.stop());
  });

  it("follows books, trades and funding on the exchange in the box, which speaks its protocol", async () => {
    const { name } = venue;
    const { module } = await load(venue);
    const servers = await importServer(name);
    const create = (ports: ProtocolPorts) => new servers[`${name[0]!.toUpperCase()}${name.slice(1)}Server`]!(ports);
    const world = new SimulatedWorld({ seed: 1 });
    const api = { ...PROTOCOL, name, create };
    const box = await world.run(createPaperVenue({ api, seed: 1, flowStepMs: 2_000 }, world.runtime("box")));
    const urls = { restUrl: box.rest, webSocketUrl: box.ws };
    const runtime = world.runtime("connector");
    const connector = await world.run(createConnector(module, { runtime, tradingPairs: ["BTC-USDT"], ...urls }));
    const gaps: unknown[] = [];
    const trades: unknown[] = [];
    connector.on("gap", (gap) => gaps.push(gap));
    connector.on("trade", (trade) => trades.push(trade));
    await world.run(connector.start());
    await world.advance(61_000);
    const market = box.engine.markets().find(({ spec }) => spec.base === "BTC")!.spec.market;
    const own = box.engine.book(market, 5);
    const book = connector.orderBook("BTC-USDT");
    const best = [book.bids(5), book.asks(5)].map((side) => side.map(({ price, amount }) => [price, amount]));
    expect(book.isValid).toBe(true);
    expect(String(best)).toBe(String([own.bids, own.asks].map((side) => side.map((level) => level.map(formatAmount)))));
    expect(connector.fundingInfo("BTC-USDT")?.indexPrice.gt(0)).toBe(true);
    expect([gaps, trades.length > 0]).toEqual([[], true]);
    await world.run(connector.stop());
    await world.run(box.stop());
  });

  let blank: readonly TestResult[];
  let pasted: readonly TestResult[];
  const named = (results: readonly TestResult[], status: TestResult["status"]) =>
    results.flatMap((result) => (result.status === status ? [result.path.join(" > ")] : []));

  beforeAll(async () => {
    const { fixtures, module } = await load(venue);
    const signatures = SIGNATURES[venue.name]!;
    blank = await kitOf(fixtures);
    const venueModule = { ...module, manifest: { ...module.manifest, documentsDate: "2026-01-31" } };
    pasted = await kitOf(pastedFixtures(venue, { ...fixtures, venueModule }, signatures));
  }, TIMEOUT_MS);

  it("passes the tests that need no payload", () => {
    expect(failuresOf(blank)).toEqual([]);
    expect(named(blank, "passed").length).toBeGreaterThan(0);
  });

  it("lists the others as to do, with what to paste, in the order of the checklist", () => {
    const waiting = named(blank, "todo");
    expect(waiting.length).toBeGreaterThan(100);
    for (const name of waiting) expect(name).toMatch(/: paste \w+/);
    const told = waiting.flatMap((name) => [...name.matchAll(/paste (\w+) \(/g)].map(([, fixture]) => fixture));
    expect(new Set(told).size, "each is told once").toBe(told.length);
    // What the scaffolder asks for and does not write is not pasted here.
    const isWritten = (name: string): boolean => !/open orders .*to the last page/.test(name);
    const titles = blank.map(({ path }) => path.join(" > ").split(": paste ")[0] ?? "");
    const all = titles.filter(isWritten);
    // Some tests are there only once their words are, and one where pages of open orders are said not to be.
    const inOrder = pasted.map(({ path }) => path.join(" > ")).filter((name) => all.includes(name));
    expect(all).toEqual(inOrder);
    expect(pasted.length - all.length).toBeLessThanOrEqual(2);
  });

  it("passes all of the kit once everything is pasted", () => {
    expect(failuresOf(pasted)).toEqual([]);
    expect(named(pasted, "todo")).toEqual([]);
  });
});
