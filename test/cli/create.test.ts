import { readFileSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, it } from "vitest";
import { statusLines } from "../../packages/cli/src/create/status.ts";
import { templatePath } from "../../packages/cli/src/create/template.ts";
import { main } from "../../packages/cli/src/main.ts";
import type { ChildProcess } from "../../src/runtime/runtime.ts";
import { SimulatedWorld } from "../../src/runtime/simulated.ts";
import { ROOT, templateSources } from "./create/tree.ts";
import { FakeProcess } from "./fake-process.ts";

/** Connector names that begin with `unused` are the tests' own: whoever tries the scaffolder out calls a venue otherwise. */
const REGISTRY = "src/registry.ts";
const TEMPLATE = "conf/conf_global_TEMPLATE.yml";
const REPOSITORY: Readonly<Record<string, string>> = {
  "/project/package.json": '{ "name": "perpwire" }',
  [`/project/${REGISTRY}`]: readFileSync(join(ROOT, REGISTRY), "utf8"),
  [`/project/${TEMPLATE}`]: readFileSync(join(ROOT, TEMPLATE), "utf8"),
};
const VENUE_FILES = [
  ...["auth", "constants", "derivative", "errors", "manifest", "order-book-data-source", "user-stream-data-source"],
  ...["web-utils", "markets", "requests"],
];
/** Files of the command's package, which are on every machine that has it. */
const PACKAGE = Object.fromEntries(Array.from(templateSources(), ([path, text]) => [templatePath(path), text]));

interface Options {
  readonly files?: Readonly<Record<string, string>>;
  readonly input?: readonly string[];
  readonly isInputTerminal?: boolean;
  readonly workingDirectory?: string;
  /** What `npm run docs` ends with. */
  readonly docs?: number;
}

/** A process whose documents are written by nobody, and that remembers what it was to run. */
class ScaffoldingProcess extends FakeProcess {
  readonly spawned: string[] = [];
  readonly #code: number;

  constructor(args: readonly string[], options: Options) {
    super(args, options);
    this.#code = options.docs ?? 0;
  }

  override spawnNode(script: string): ChildProcess {
    this.spawned.push(script);
    const ended = Promise.resolve({ code: this.#code, signal: undefined });
    return { id: 1, lines: async function* () {}, kill: () => undefined, ended };
  }
}

async function create(args: string, options: Options = {}) {
  const world = new SimulatedWorld({ seed: 1 });
  const runtime = world.runtime("main");
  const before = options.files ?? REPOSITORY;
  for (const [path, text] of Object.entries({ ...PACKAGE, ...before })) await runtime.files.writeText(path, text);
  const written: string[] = [];
  const files = {
    ...bound(runtime.files),
    writeText: async (path: string, text: string) => {
      written.push(path);
      await runtime.files.writeText(path, text);
    },
  };
  const process = new ScaffoldingProcess(["create", ...args.split(" ").filter(Boolean)], options);
  await main({ process, runtime: { ...runtime, files } });
  return { process, written, read: (path: string) => runtime.files.readText(path) };
}

function bound(files: ReturnType<SimulatedWorld["runtime"]>["files"]) {
  return {
    readText: (path: string) => files.readText(path),
    exists: (path: string) => files.exists(path),
    realPath: (path: string) => files.realPath(path),
    mode: (path: string) => files.mode(path),
    lines: (path: string) => files.lines(path),
  };
}

describe("perpwire create", () => {
  it("writes a venue beside the others, its rows, and the documents at the end", async () => {
    const { process, written, read } = await create("unused --yes");
    expect(process.exitCode).toBe(0);
    expect(written.toSorted()).toEqual(
      [
        ...VENUE_FILES.map((file) => `/project/src/venues/unused/${file}.ts`),
        "/project/conf/conf_global_TEMPLATE.yml",
        "/project/docs/venues/unused.md",
        ...["server", "connection", "market-channels"].map((file) => `/project/src/paper/protocols/unused/${file}.ts`),
        "/project/src/registry.ts",
        "/project/test/venues/unused/conformance.test.ts",
        "/project/test/venues/unused/fixtures.ts",
      ].toSorted(),
    );
    expect(await read(`/project/${REGISTRY}`)).toContain(
      '    connectors: ["unused_perpetual"],\n    credentials: KEY_AND_SECRET,\n  },\n];',
    );
    expect(await read(`/project/${REGISTRY}`)).toContain('import("./venues/unused/derivative.ts")');
    expect(await read(`/project/${TEMPLATE}`)).toMatch(
      /\n\nunused_perpetual_api_key: null\nunused_perpetual_api_secret: null\n$/,
    );
    expect(await read("/project/src/venues/unused/constants.ts")).toContain('rest: "https://api.unused.example"');
    expect(process.spawned).toEqual(["/project/scripts/docs.ts"]);
    for (const path of written) expect(process.out).toContain(path.slice("/project/".length));
  });

  it("writes the credentials that were answered into the registry, the template and the manifest", async () => {
    const { read } = await create("unused --yes --credentials apiKey,apiSecret,vaultAddress");
    const registry = await read(`/project/${REGISTRY}`);
    expect(registry).toContain("credentials: [...KEY_AND_SECRET, VAULT_ADDRESS],");
    expect(registry).toMatch(/^ {2}VAULT_ADDRESS,\n\} from "\.\/net\/auth\.ts";$/m);
    expect(await read(`/project/${TEMPLATE}`)).toContain("\nunused_perpetual_vault_address: null\n");
    const manifest = await read("/project/src/venues/unused/manifest.ts");
    expect(manifest).toContain('import { KEY_AND_SECRET, VAULT_ADDRESS } from "../../net/auth.ts";');
    expect(await read("/project/docs/venues/unused.md")).toContain("`unused_perpetual_vault_address`");
  });

  it("gives folders the names that venues' folders have", async () => {
    const { written, read } = await create("unused_pro --yes");
    expect(written).toContain("/project/src/venues/unused-pro/derivative.ts");
    expect(written).toContain("/project/test/venues/unused-pro/fixtures.ts");
    expect(await read(`/project/${REGISTRY}`)).toContain('import("./venues/unused-pro/derivative.ts")');
    expect(await read("/project/src/venues/unused-pro/constants.ts")).toContain('VENUE = "unused_pro_perpetual"');
  });

  it("leaves every row that was there", async () => {
    const { read } = await create("unused --yes --domain testnet=https://t.example,wss://t.example/ws");
    for (const path of [REGISTRY, TEMPLATE]) {
      const linesOf = (text: string) => text.split("\n").filter((line) => line !== "");
      const after = linesOf(await read(`/project/${path}`));
      const kept = linesOf(REPOSITORY[`/project/${path}`]!);
      const firstNew = after.findIndex((line) => /unused/i.test(line)) - (path === REGISTRY ? 1 : 0);
      const added = after.length - kept.length;
      expect(after.toSpliced(firstNew, added)).toEqual(kept);
    }
    expect(await read(`/project/${TEMPLATE}`)).toContain("\nunused_perpetual_testnet_api_key: null\n");
    expect(await read(`/project/${REGISTRY}`)).toContain('["unused_perpetual", "unused_perpetual_testnet"]');
  });

  it("asks for what no flag says, with the default in the prompt", async () => {
    const input = ["Unused Pro", "", "https://api.unused.com/", "wss://ws.unused.com/v1/", "wss://p.unused.com/v1", ""];
    const signing = ["", "", "query", "", "", "", ""];
    const { process, read } = await create("unused --stream listen-key", {
      input: [...input, ...signing, "bare", "contiguous-rest", "", "", "no", "hedge"],
    });
    expect(process.error).toContain("REST base URL [https://api.unused.example]: ");
    expect(process.error).not.toContain("how the private stream is opened");
    expect(process.exitCode).toBe(0);
    const constants = await read("/project/src/venues/unused/constants.ts");
    expect(constants).toContain('DISPLAY_NAME = "Unused Pro"');
    expect(constants).toContain('rest: "https://api.unused.com"');
    expect(constants).toContain('public: "wss://ws.unused.com/v1/"');
    expect(constants).toContain('private: "wss://p.unused.com/v1?listenKey={listenKey}"');
    const manifest = await read("/project/src/venues/unused/manifest.ts");
    for (const line of ['style: "contiguous"', 'snapshotSource: "rest"']) expect(manifest).toContain(line);
    expect(manifest).toContain("hasServerTime: false");
    expect(manifest).toContain('positionModes: ["oneWay", "hedge"]');
    expect(await read("/project/src/venues/unused/auth.ts")).toContain("addAuthToParams");
  });

  it("asks again where somebody types, and ends where nobody does", async () => {
    const typed = await create("unused", {
      input: ["", "btc/usdt", "ETH-USDT", ...Array.from({ length: 20 }, () => "")],
      isInputTerminal: true,
    });
    expect(typed.process.error).toContain('the trading pair "btc/usdt" is not one; it is BASE-QUOTE in capitals');
    expect(await typed.read("/project/src/venues/unused/manifest.ts")).toContain('exampleTradingPair: "ETH-USDT"');
    const piped = await create("unused", { input: ["", "btc/usdt", "ETH-USDT"] });
    expect(piped.process.exitCode).toBe(2);
    expect(piped.written).toEqual([]);
  });

  it("says which flag answers when there is nobody to ask", async () => {
    const { process, written } = await create("unused", { input: ["Unused", "BTC-USDT"] });
    expect(process.error).toContain('there is no answer to "REST base URL"; give --rest-url, or --yes');
    expect(process.exitCode).toBe(2);
    expect(written).toEqual([]);
  });

  it.each(["Acme", "acme-pro", "9acme", "acme__pro", "acme_", "", "a".repeat(21), "../acme", "all"])(
    "refuses the name %j with the rule",
    async (name) => {
      const world = new SimulatedWorld({ seed: 1 });
      const process = new FakeProcess(["create", name, "--yes"]);
      await main({ process, runtime: world.runtime("main") });
      expect(process.error).toBe(
        `perpwire: "${name}" cannot be a venue's name; it is lower-case letters, digits and single underscores, a letter first, at most 20 characters, for example acme\n`,
      );
      expect(process.exitCode).toBe(2);
    },
  );

  it("says in its help what an answer that is not given is taken from", async () => {
    const { process } = await create("--help");
    const help = process.out.replaceAll(/\s+/g, " ");
    expect(help).toContain("URL of the private stream, whole; by default that of --ws-url");
    expect(help).toContain("further domains, apart by blanks, for example testnet=");
  });

  it("takes the URL of the public stream for the private one where none is given", async () => {
    const { read } = await create("unused --yes --ws-url wss://unused.example/v4/ws/");
    const constants = await read("/project/src/venues/unused/constants.ts");
    expect(constants).toContain(
      'public: "wss://unused.example/v4/ws/",\n      private: "wss://unused.example/v4/ws/",',
    );
    const domain = "demo=https://d.example,wss://d.example/a,wss://d.example/b";
    const other = await create(`unused --yes --domain ${domain}`);
    expect(await other.read("/project/src/venues/unused/constants.ts")).toContain('private: "wss://d.example/b",');
  });

  it("takes the connector's name for the venue's", async () => {
    const { written } = await create("unused_perpetual --yes");
    expect(written).toContain("/project/src/venues/unused/derivative.ts");
  });

  it.each(["ftx", "ftx_us", "bybit_perpetual", "binance"])("refuses the name %s, which is taken", async (name) => {
    for (const flags of ["--yes", "--yes --standalone"]) {
      const { process, written } = await create(`${name} ${flags}`);
      expect(process.error).toBe(
        `perpwire: the connector name ${name.replace("_perpetual", "")}_perpetual is taken; choose another name\n`,
      );
      expect(process.exitCode).toBe(2);
      expect(written).toEqual([]);
    }
  });

  it.each([
    "src/venues/unused/errors.ts",
    "src/paper/protocols/unused/server.ts",
    "test/venues/unused/fixtures.ts",
    "docs/venues/unused.md",
  ])("writes nothing when %s is there already", async (path) => {
    const { process, written, read } = await create("unused --yes", {
      files: { ...REPOSITORY, [`/project/${path}`]: "mine" },
    });
    expect(process.error).toBe(`perpwire: ${path} is there already, so nothing was written; choose another name\n`);
    expect(process.exitCode).toBe(2);
    expect(written).toEqual([]);
    expect(await read(`/project/${path}`)).toBe("mine");
  });

  it("says that a name is taken before it asks anything", async () => {
    const { process } = await create("bybit", { input: ["Bybit"] });
    expect(process.error).toBe("perpwire: the connector name bybit_perpetual is taken; choose another name\n");
  });

  it("writes nothing when the registry has no place for a row", async () => {
    const { process, written } = await create("unused --yes", {
      files: { ...REPOSITORY, [`/project/${REGISTRY}`]: "export {};\n" },
    });
    expect(process.error).toMatch(/^perpwire: src\/registry\.ts has no place for a venue; .*\n$/);
    expect(process.exitCode).toBe(2);
    expect(written).toEqual([]);
  });

  it.each([
    ["--rest-url ftp://unused.com", /^the REST base URL "ftp:\/\/unused\.com" is not one; it begins with https:\/\//],
    ["--rest-url https://unused.com?a=1", /^the REST base URL /],
    ['--ws-url wss://unused.com/"', /^the WebSocket URL /],
    [`--ws-url wss://${"a".repeat(90)}.com`, /at most 80 characters$/],
    ["--pair BTCUSDT", /^the trading pair "BTCUSDT" is not one; it is BASE-QUOTE/],
    ["--sign timestamp,secret", /^the part of a signature "secret" is not one; it is one of timestamp, key/],
    ["--sign timestamp,body,body", /^the list of signed parts "timestamp,body,body" is not one; it is each part once/],
    ["--sign method,body", /^a signature in the header over method,body leaves out the time; --sign holds timestamp$/],
    ["--sign timestamp --signature-in query", /leaves out the time; --sign holds query or target$/],
    [
      "--private-ws-url unused.com",
      /^the WebSocket URL of the private stream "unused\.com" is not one; it begins with wss:/,
    ],
    ["--sign-separator ab", /^the separator "ab" is not one; it is none, newline, or up to 3 characters/],
    ["--credentials apiKey,secret", /^the credential "secret" is not one; it is one of apiKey, apiSecret, passphrase/],
    ["--credentials apiKey", /^the list of credentials "apiKey" is not one; it is apiSecret or privateKey, which sign/],
    ["--credentials privateKey", /it is apiKey or accountAddress, which say who asks/],
    ["--credentials apiKey,apiSecret,apiKey", /it is each name once$/],
    ["--signature-algorithm rsa", /option '--signature-algorithm <name>' argument 'rsa' is invalid/],
    ["--domain testnet", /^the domain "testnet" is not one; it is suffix=rest-url,ws-url/],
    ["--domain Test=https://a.example,wss://a.example", /^the domain "Test=/],
    [
      "--domain a=https://a.example,wss://a.example --domain a=https://b.example,wss://b.example",
      /^the list of domains/,
    ],
    ["--continuity guess", /option '--continuity <rule>' argument 'guess' is invalid/],
    ["--time-sync maybe", /option '--time-sync <yes\|no>' argument 'maybe' is invalid/],
    ["--directory there", /^--directory goes with --standalone$/],
  ])("refuses %s in one line", async (flags, message) => {
    const { process, written } = await create(`unused --yes ${flags}`);
    expect(process.exitCode).toBe(2);
    expect(process.error).toMatch(/^perpwire: .*\n$/);
    expect(process.error.slice("perpwire: ".length, -1)).toMatch(message);
    expect(written).toEqual([]);
  });

  it("says so when the documents could not be written", async () => {
    const { process, written } = await create("unused --yes", { docs: 1 });
    expect(process.error).toBe("the tables of the documents could not be written: see why with npm run docs\n");
    expect(process.exitCode).toBe(1);
    expect(written).not.toEqual([]);
  });

  it("finds the repository from a folder within it, and says what to do outside of one", async () => {
    const outside = { "/project/package.json": '{ "name": "mine" }' };
    const { process, written } = await create("unused --yes", { files: outside });
    expect(process.error).toBe(
      "perpwire: this is no clone of perpwire; run it in one, or make a package of its own with --standalone\n",
    );
    expect(process.exitCode).toBe(2);
    expect(written).toEqual([]);
    const inside = await create("unused --yes", { workingDirectory: "/project/src/venues" });
    expect(inside.process.exitCode).toBe(0);
    expect(inside.written).toContain("/project/src/venues/unused/auth.ts");
  });

  it("writes a package of its own that imports nothing but packages and its own files", async () => {
    const { process, written, read } = await create("unused_pro --yes --standalone --json", { files: {} });
    expect(process.exitCode).toBe(0);
    expect(process.spawned).toEqual([]);
    expect(process.json).toMatchObject({
      connector: "unused_pro_perpetual",
      directory: "/project/unused_pro",
      changed: [],
    });
    expect(process.json.created.map((path: string) => `/project/unused_pro/${path}`)).toEqual(written);
    const specifiers = new Set<string>();
    for (const path of written.filter((each) => each.endsWith(".ts"))) {
      for (const [, specifier = ""] of (await read(path)).matchAll(/ from "([^"]+)";/g)) specifiers.add(specifier);
    }
    const packages = [...specifiers].filter((specifier) => !/^\.\.?\/[a-z./-]+\.ts$/.test(specifier));
    expect(packages.toSorted()).toEqual([
      ...["node:crypto", "node:test", "perpwire/paper", "perpwire/testing", "perpwire/venue", "zod"],
    ]);
    const manifest = JSON.parse(await read("/project/unused_pro/package.json"));
    const own = JSON.parse(readFileSync(join(ROOT, "package.json"), "utf8"));
    expect(manifest).toMatchObject({
      name: "perpwire-unused-pro",
      type: "module",
      dependencies: { perpwire: `^${own.version}`, zod: own.devDependencies.zod },
      devDependencies: {
        typescript: own.devDependencies.typescript,
        "@types/node": own.devDependencies["@types/node"],
      },
    });
  });

  it("writes the package where it is told to, unless a file is there", async () => {
    const there = await create("unused --yes --standalone --directory /elsewhere/unused", { files: {} });
    expect(there.written).toContain("/elsewhere/unused/src/derivative.ts");
    const files = { "/project/unused/README.md": "mine" };
    const { process, written } = await create("unused --yes --standalone", { files });
    expect(process.error).toBe("perpwire: README.md is there already, so nothing was written; choose another name\n");
    expect(written).toEqual([]);
  });
});

describe("perpwire create --status", () => {
  const status = async (...args: readonly string[]) => {
    const process = new FakeProcess(["create", "--status", ...args], { workingDirectory: ROOT });
    await main({ process });
    return process;
  };

  it("counts what is pasted in a folder, and lists the rest once each, in the checklist's order", async () => {
    const { out, exitCode } = await status("test/venues/okx");
    expect([out, exitCode]).toEqual([expect.stringMatching(/^(\d+) of \1 pasted\n$/), 0]);
    const lines = statusLines({
      ...{ pasted: 1, total: 3 },
      waiting: [
        { fixture: "tradeEvent", section: "Order Book", what: "a trade", where: "channels", tests: 2 },
        { fixture: "errorTable", section: "Exchange", what: "errors", where: undefined, tests: 1 },
      ],
    });
    expect(lines).toEqual([
      "1 of 3 pasted",
      ...["", "Order Book", "  tradeEvent: a trade [channels]; 2 tests wait"],
      ...["", "Exchange", "  errorTable: errors; 1 test waits"],
    ]);
  });

  it("says what a folder without fixtures lacks", async () => {
    const { error, exitCode } = await status("docs");
    expect(error).toContain("there are no fixtures in docs");
    expect(exitCode).not.toBe(0);
  });
});
