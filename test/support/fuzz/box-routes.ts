import { readdirSync, readFileSync } from "node:fs";
import { resolve } from "node:path";
import type { ProtocolName } from "../../../src/paper/protocols/protocols.ts";

export interface BoxRoute {
  readonly method: string;
  /** What `{}` stands in for is made up for each request. */
  readonly path: string;
}

const ROUTE =
  /(?:[a-z]+Route|publicGet|refused)\(\s*(?:"(GET|POST|PUT|DELETE)",\s*)?(?:"(\/[^"]+)"|\/\^((?:\\\/|[^/])+)\$\/)/g;
const NAME =
  /\b(?:text|required|requiredText|amount|requiredAmount|integer|requiredInteger|flag|oneOf|raw|number|list|has|readId)\((?:parameters, )?"(\w+)"/g;

/** The routes of a protocol and the parameters that they read, out of its source: a new one is fuzzed without a word. */
export function routesOf(api: ProtocolName): {
  readonly routes: readonly BoxRoute[];
  readonly names: readonly string[];
} {
  if (api === "hyperliquid") return { routes: hyperliquidRoutes(), names: [] };
  const folder = resolve(import.meta.dirname, `../../../src/paper/protocols/${api.replace("_", "-")}`);
  const routes: BoxRoute[] = [];
  const names = new Set<string>();
  for (const file of readdirSync(folder)) {
    const source = readFileSync(resolve(folder, file), "utf8");
    for (const [, name = ""] of source.matchAll(NAME)) names.add(name);
    for (const [head, method, plain, pattern = ""] of source.matchAll(ROUTE)) {
      const usual = /publicGet/.test(head) ? "GET" : "POST";
      for (const path of plain === undefined ? pathsOf(pattern) : [plain])
        routes.push({ method: method ?? usual, path });
    }
  }
  return { routes, names: [...names].toSorted() };
}

/** `\/orders\/([^/]+)\/modify` is `/api/orders/{}/modify`. */
function pathsOf(pattern: string): readonly string[] {
  const path = pattern
    .replaceAll("\\/", "/")
    .replaceAll(/\((?:\.\+|\[\^\/\]\+)\)|\.\+/g, "{}")
    .replace(/\(\/update_name\)\?|\/\?$/, "");
  return [`/api${path}`];
}

/** Questions of `POST /info` and actions of `POST /exchange` by their `type`. */
function hyperliquidRoutes(): readonly BoxRoute[] {
  const folder = resolve(import.meta.dirname, "../../../src/paper/protocols/hyperliquid");
  const named = (file: string, pattern: RegExp) =>
    [...readFileSync(resolve(folder, file), "utf8").matchAll(pattern)].map(([, name = ""]) => name);
  const questions = ["market-info.ts", "account-info.ts"].flatMap((file) => named(file, /\btype\("(\w+)"/g));
  const actions = named("actions.ts", /\btype: z\.literal\("(\w+)"\)/g);
  return [...questions.map((path) => ({ method: "GET", path })), ...actions.map((path) => ({ method: "POST", path }))];
}
