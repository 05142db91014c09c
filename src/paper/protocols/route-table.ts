import type { ServerRequest } from "../../runtime/runtime.ts";
import type { RequestKind } from "./paper-protocol.ts";
import { splitTarget } from "./request-target.ts";

interface RouteHead {
  readonly method: string;
  /** Path of the route; `{}` stands in for a name, in its last part or the one before that. */
  readonly path: string;
}

export interface FoundRoute<Route> {
  readonly route: Route;
  /** Name in the place of `{}`; empty where there is none. */
  readonly name: string;
}

/** Routes of a protocol by method and path. */
export class RouteTable<Route extends RouteHead> {
  readonly #routes: ReadonlyMap<string, Route>;
  readonly #paths: ReadonlySet<string>;

  constructor(routes: readonly Route[]) {
    this.#routes = new Map(routes.map((route) => [`${route.method} ${route.path}`, route]));
    this.#paths = new Set(routes.map(({ path }) => path));
  }

  /** Finds the route of a path in which `{}` stands as it is in the table. */
  get(method: string, path: string): Route | undefined {
    return this.#routes.get(`${method} ${path}`);
  }

  find(method: string, path: string): FoundRoute<Route> | undefined {
    const exact = this.get(method, path);
    if (exact !== undefined) return { route: exact, name: "" };
    const parts = path.split("/");
    for (const at of [parts.length - 1, parts.length - 2]) {
      const route = this.get(method, parts.with(Math.max(at, 0), "{}").join("/"));
      if (route !== undefined) return { route, name: decoded(parts[at] ?? "") };
    }
    return undefined;
  }

  /** Tells that there is a route of this path, with whatever method. */
  hasPath(path: string): boolean {
    return this.#paths.has(path);
  }
}

/** Kind of a request, of which no more is known than whether its route is of an account, and where books are. */
export function kindOfRoute(
  { method, target }: Pick<ServerRequest, "method" | "target">,
  isOfAccount: boolean,
  isBook: (path: string) => boolean,
): RequestKind {
  if (!isOfAccount) return isBook(splitTarget(target).path) ? "snapshot" : "public";
  return method.toUpperCase() === "GET" ? "private" : "change";
}

function decoded(text: string): string {
  try {
    return decodeURIComponent(text);
  } catch {
    return text;
  }
}
