#!/usr/bin/env node
// Plain JavaScript that any Node understands: the command is a package of its own, and this finds it.
import { existsSync } from "node:fs";
import { createRequire } from "node:module";
import { pathToFileURL } from "node:url";

/** The command of a clone, else the one that is installed beside this package or in the folder that it is called in. */
function findCommand() {
  const ofClone = new URL("../packages/cli/bin/perpwire.js", import.meta.url);
  if (existsSync(ofClone)) return ofClone.href;
  for (const place of [import.meta.url, pathToFileURL(`${process.cwd()}/package.json`)]) {
    try {
      return pathToFileURL(createRequire(place).resolve("@perpwire/cli/bin/perpwire.js")).href;
    } catch (error) {
      if (error.code !== "MODULE_NOT_FOUND") throw error;
    }
  }
  return undefined;
}

const command = findCommand();
if (command === undefined) {
  process.stderr.write("perpwire: the command is a package of its own, `npm install @perpwire/cli` brings it\n");
  process.exitCode = 1;
} else {
  await import(command);
}
