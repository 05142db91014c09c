import type { SharedPath } from "./fixture-shapes.ts";

interface OwnPath {
  readonly shared: SharedPath;
  /** Word of the body that tells the thing. */
  readonly name: string;
  readonly path: string;
}

/** The path that the fixtures give a thing of which the venue has many at one path; undefined where it has its own. */
export function ownPathOf(path: string, body: unknown, sharedPaths: readonly SharedPath[] = []): OwnPath | undefined {
  const shared = sharedPaths.find((each) => each.path === path);
  const name = shared?.field.split(".").reduce<unknown>((value, part) => fieldIn(value, part), body);
  return shared === undefined || typeof name !== "string" ? undefined : { shared, name, path: `${path}/${name}` };
}

/** The path on the wire of one that the fixtures name. */
export function wirePathOf(path: string, sharedPaths: readonly SharedPath[] = []): string {
  return sharedPaths.find((shared) => path.startsWith(`${shared.path}/`))?.path ?? path;
}

function fieldIn(value: unknown, name: string): unknown {
  return typeof value === "object" && value !== null ? Reflect.get(value, name) : undefined;
}
