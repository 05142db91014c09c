#!/usr/bin/env node
// Plain JavaScript that any Node understands: it says what is needed before anything newer is parsed.
import { existsSync } from "node:fs";

const major = Number(process.versions.node.split(".")[0]);
if (major < 24) {
  process.stderr.write(
    `perpwire needs Node.js 24 or newer, this is ${process.versions.node}; ` +
      "in a clone, `npm start` and `npx perpwire` bring their own\n",
  );
  process.exit(2);
}
const compiled = new URL("../dist/cli/main.js", import.meta.url);
const { main } = await import(
  existsSync(compiled) ? compiled.href : new URL("../src/cli/main.ts", import.meta.url).href
);
await main();
