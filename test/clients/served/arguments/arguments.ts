import type { Holding, Scene } from "../scene.ts";

// biome-ignore lint/suspicious/noExplicitAny: methods are called by name, on clients of many types
export type Client = any;

/** The arguments of a method; what the call needs beside the scene, it asks the client for. */
export type ArgumentsOf = (scene: Scene, client: Client) => readonly unknown[] | Promise<readonly unknown[]>;

export interface ArgumentBook {
  /** Methods that need other arguments than their parameters' names tell. */
  readonly methods: Readonly<Record<string, ArgumentsOf>>;
  /** By the name of a parameter. */
  readonly parameters: (scene: Scene) => Readonly<Record<string, unknown>>;
  /** Settings that are refused while there are orders or a position, and what needs an isolated one. */
  readonly holdings: Readonly<Record<string, Holding>>;
  /** Methods that ask a host of their own, whatever the client was told; they are not called. */
  readonly elsewhere: readonly string[];
}

/** Arguments for a method of a client, by its own name or by those of its parameters. */
export async function argumentsFor(
  book: ArgumentBook,
  client: Client,
  method: string,
  scene: Scene,
): Promise<readonly unknown[]> {
  const own = book.methods[method];
  if (own !== undefined) return own(scene, client);
  const values = book.parameters(scene);
  return parameterNames(client[method]).map((name) => values[name]);
}

function parameterNames(method: (...values: unknown[]) => unknown): readonly string[] {
  const source = method.toString();
  const list = source.slice(source.indexOf("(") + 1, source.indexOf(")"));
  return [...list.matchAll(/(?:^|,)\s*(\w+)/g)].map(([, name = ""]) => name);
}
