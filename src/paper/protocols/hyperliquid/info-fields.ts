import type { Fields } from "../json-fields.ts";
import { failsAt, malformed } from "./errors.ts";
import type { Asset, Universe } from "./universe.ts";

const ADDRESS = /^0x[0-9a-fA-F]{40}$/;
const CLOID = /^0x[0-9a-fA-F]{32}$/;

/** The fields of a question. Throws the 422 for what has another type. */
export class InfoFields {
  readonly #fields: Fields;
  readonly #universe: Universe;

  constructor(fields: Fields, universe: Universe) {
    this.#fields = fields;
    this.#universe = universe;
  }

  /** Fields of an object in it. */
  inner(name: string): InfoFields {
    const value = this.#fields[name];
    if (typeof value !== "object" || value === null || Array.isArray(value)) throw malformed();
    return new InfoFields({ ...value }, this.#universe);
  }

  text(name: string): string {
    const value = this.#fields[name];
    if (typeof value !== "string") throw malformed();
    return value;
  }

  /** Undefined for a coin that there is not. */
  coin(name = "coin"): Asset | undefined {
    return this.#universe.ofCoin(this.text(name));
  }

  /** Throws what the venue answers to an unknown coin where it does not look for one. */
  knownCoin(): Asset {
    const asset = this.coin();
    if (asset === undefined) throw failsAt();
    return asset;
  }

  /** Lower case. */
  user(): string {
    const text = this.text("user");
    if (!ADDRESS.test(text)) throw malformed();
    return text.toLowerCase();
  }

  flag(name: string): boolean {
    const value = this.#fields[name];
    if (value === undefined || value === null) return false;
    if (typeof value !== "boolean") throw malformed();
    return value;
  }

  /** Undefined where it is absent or null. */
  number(name: string): number | undefined {
    const value = this.#fields[name];
    if (value === undefined || value === null) return undefined;
    if (typeof value !== "number" || !Number.isSafeInteger(value)) throw malformed();
    return value;
  }

  /** An order's `oid`, or its `cloid` in lower case. */
  orderId(): number | string {
    const value = this.#fields.oid;
    if (typeof value === "number" && Number.isSafeInteger(value) && value >= 0) return value;
    if (typeof value === "string" && CLOID.test(value)) return value.toLowerCase();
    throw malformed();
  }

  /** Perpetuals that others have deployed are not here: naming such a part of the venue fails. */
  mainDex(): void {
    const value = this.#fields.dex;
    if (value !== undefined && value !== null && value !== "") throw failsAt();
  }
}
