import type { World } from "./world.ts";

/** Keys, listen keys and signatures: 64 hexadecimal digits, or 32 bytes in base64 on OKX. */
const SECRET_LIKE = /\b[0-9a-f]{64}\b|[\w+/]{43}=/i;

/** Finds what opens an account in what a process shows: its log at every level, its events and its errors. */
export class SecretWatch {
  readonly #known: readonly string[];
  /** The first text that had one. */
  leaked: string | undefined;

  constructor({ secrets }: World) {
    this.#known = secrets;
  }

  text(text: string): void {
    if (this.leaked !== undefined) return;
    if (SECRET_LIKE.test(text) || this.#known.some((secret) => text.includes(secret))) this.leaked = text;
  }

  /** Anything that is told, with the words of the errors in it. */
  told(value: object): void {
    const texts: string[] = [];
    collect(value, texts, 0);
    this.text(texts.join(" "));
  }
}

/** Errors have causes, and events have errors and rows: four deep is deeper than any. */
const DEEPEST = 4;

function collect(value: unknown, texts: string[], depth: number): void {
  if (typeof value === "string") texts.push(value);
  if (typeof value !== "object" || value === null || depth > DEEPEST) return;
  if (value instanceof Error) texts.push(value.message, value.stack ?? "");
  for (const name of Object.getOwnPropertyNames(value)) collect(Reflect.get(value, name), texts, depth + 1);
}
