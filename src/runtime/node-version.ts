/** The lowest major version that has all that is used: `await using`, `node:sqlite`, `Promise.withResolvers`. */
const LOWEST = 24;

/**
 * Imported first by each entry point: modules are evaluated in the order of their imports, so that an old Node.js is told
 * here, and not by a missing function in the middle of an order.
 */
const { node } = process.versions;
if (Number.parseInt(node, 10) < LOWEST) {
  const error = new Error(`perpwire needs Node.js ${LOWEST} or newer, this is ${node}`);
  // Node.js prints the stack of what nobody catches; the sentence says all.
  error.stack = error.message;
  throw error;
}
