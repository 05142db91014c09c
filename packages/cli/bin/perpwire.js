#!/usr/bin/env node
// Plain JavaScript that any Node understands: it finds a new enough Node.js, or says what is needed.
import { spawn } from "node:child_process";
import { existsSync } from "node:fs";
import { constants } from "node:os";
import { fileURLToPath } from "node:url";

/** A clone runs its sources, whatever an earlier `npm pack` compiled: the package has none. */
const source = new URL("../src/main.ts", import.meta.url);
const compiled = new URL("../dist/main.js", import.meta.url);
/** A clone brings a Node.js of its own, as a development dependency. */
const ownNode = fileURLToPath(new URL("../../../node_modules/node/bin/node", import.meta.url));

/** Hands everything to that Node.js: terminal, signals and exit code. */
function runWithOwnNode() {
  const child = spawn(ownNode, process.argv.slice(1), { stdio: "inherit" });
  process.on("SIGTERM", () => child.kill("SIGTERM"));
  process.on("SIGHUP", () => child.kill("SIGHUP"));
  // A terminal tells both of Ctrl-C.
  process.on("SIGINT", () => process.stdin.isTTY || child.kill("SIGINT"));
  child.on("close", (code, signal) => process.exit(code ?? 128 + constants.signals[signal]));
}

if (Number(process.versions.node.split(".")[0]) >= 24) {
  const { main } = await import(existsSync(source) ? source.href : compiled.href);
  await main();
} else if (existsSync(ownNode)) {
  runWithOwnNode();
} else {
  process.stderr.write(
    `perpwire needs Node.js 24 or newer, this is ${process.versions.node}; ` +
      "in a clone, `npm ci` brings one of its own\n",
  );
  process.exitCode = 2;
}
