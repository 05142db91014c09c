import { dashedName, type VenueChoices } from "../choices.ts";

/** Dependencies of a package of its own. */
export interface PackageVersions {
  readonly perpwire: string;
  readonly zod: string;
  readonly typescript: string;
  readonly nodeTypes: string;
}

const packageName = (name: string): string => `perpwire-${dashedName(name)}`;

/** The files around the venue's own, for a package outside the repository. */
export function packageFiles(
  choices: VenueChoices,
  versions: PackageVersions,
): readonly { readonly path: string; readonly text: string }[] {
  return [
    { path: "package.json", text: json(manifestOf(choices, versions)) },
    { path: "tsconfig.json", text: withShortLists(json(TSCONFIG)) },
    { path: "tsconfig.build.json", text: withShortLists(json(TSCONFIG_BUILD)) },
    { path: ".gitignore", text: "node_modules/\ndist/\n" },
    { path: "README.md", text: readme(choices) },
    { path: "src/index.ts", text: INDEX },
  ];
}

const INDEX = `export { venueModule } from "./derivative.ts";
export { paperProtocol } from "./paper-protocol.ts";
`;

const json = (value: unknown): string => `${JSON.stringify(value, undefined, 2)}\n`;

/** Lists of texts in one line, as formatters have them. */
function withShortLists(text: string): string {
  return text.replace(/\[\s+("[^\]]*")\s+\]/g, (_, items: string) => `[${items.split(/,\s+/).join(", ")}]`);
}

function manifestOf({ name, displayName }: VenueChoices, versions: PackageVersions) {
  return {
    name: packageName(name),
    version: "0.1.0",
    description: `${displayName} for Perpwire.`,
    type: "module",
    engines: { node: ">=24" },
    files: ["dist"],
    exports: { ".": { types: "./dist/index.d.ts", default: "./dist/index.js" } },
    scripts: {
      check: "tsc --noEmit",
      test: 'node --test "test/**/*.test.ts"',
      build: "tsc -p tsconfig.build.json",
      prepack: "npm run build",
    },
    dependencies: { perpwire: versions.perpwire, zod: versions.zod },
    devDependencies: { "@types/node": versions.nodeTypes, typescript: versions.typescript },
  };
}

const TSCONFIG = {
  compilerOptions: {
    target: "es2024",
    lib: ["es2024", "esnext.disposable", "esnext.iterator", "esnext.collection"],
    module: "nodenext",
    moduleResolution: "nodenext",
    types: ["node"],
    rootDir: ".",
    noEmit: true,
    strict: true,
    noUncheckedIndexedAccess: true,
    exactOptionalPropertyTypes: true,
    noUnusedLocals: true,
    verbatimModuleSyntax: true,
    erasableSyntaxOnly: true,
    allowImportingTsExtensions: true,
    skipLibCheck: true,
  },
  include: ["src", "test"],
};

const TSCONFIG_BUILD = {
  extends: "./tsconfig.json",
  compilerOptions: {
    noEmit: false,
    allowImportingTsExtensions: false,
    rewriteRelativeImportExtensions: true,
    rootDir: "src",
    outDir: "dist",
    declaration: true,
  },
  include: ["src"],
};

function readme({ name, displayName, exampleTradingPair, domains }: VenueChoices): string {
  return `# ${displayName} for Perpwire

The connector \`${domains[0].name}\`, begun by \`perpwire create ${name} --standalone\`.

\`\`\`sh
npm install
npm run check    # types
npm test         # the conformance kit; what is still to be pasted is listed as to do, in the order of the checklist
\`\`\`

It needs Node 24. Where the registry has no \`perpwire\`, install the one that you have instead of the first line:
\`npm install ../perpwire-<version>.tgz\`, which \`npm pack\` makes in a clone. The command \`perpwire\` of the steps below is
\`npx perpwire\` once its package is here too: \`npm install -D @perpwire/cli\`, or the file that \`npm pack ./packages/cli\` makes.

1. Read the venue's documentation with \`src/\` open: each \`CHECK\` is a guess to confirm or to correct.
2. Replace each \`paste(...)\` in \`test/fixtures.ts\` by what it asks for. \`perpwire create --status .\` lists them in the order
   of the checklist, and how many tests wait for each: a test runs once it has all that it waits for. What answers a request is
   a route, \`get("/v1/time", payload)\`; frames and expected values stand alone. \`npm run check\` tells the two apart.
3. Ready when \`npm test\` has nothing to do left and no \`CHECK\` remains.
4. Then \`npm run build\`, and the command of \`@perpwire/cli\` takes it like a connector of its own, for example
   \`perpwire --module ./dist/index.js book ${exampleTradingPair} -c ${domains[0].name}\`.
5. \`src/paper-server.ts\` is the start of the venue's protocol for the exchange in the box: it tells of markets, books, trades and
   funding, and refuses the rest by its name. \`perpwire --module ./dist/index.js book ${exampleTradingPair} -c ${domains[0].name} --paper\`
   follows a book there; \`venue --api ${name}\` in the place of \`book\` starts it for other programs and prints its addresses.
   \`status\` and \`funding\` with \`--paper\`, orders and \`conformance\` read the account first: they go on once the protocol answers for balances,
   positions and fees.

\`\`\`ts
import { connect } from "perpwire";
import { venueModule } from "${packageName(name)}";

await using venue = await connect(venueModule, { tradingPairs: ["${exampleTradingPair}"], credentials });
\`\`\`
`;
}
