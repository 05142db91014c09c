import { ConfigError } from "../model/error.ts";

/** The form that a venue gives to client order ids. */
export type ClientOrderIdForm =
  | {
      readonly kind: "text";
      readonly maxLength: number | undefined;
      readonly pattern?: RegExp | undefined;
      /** A broker's or the project's mark in front of every id; may be empty. */
      readonly prefix: string;
    }
  /** A number above 0 of at most so many bits, in decimal digits; where it names amends it cannot be told from an order's. */
  | { readonly kind: "integer"; readonly bits: 31 | 32 | 48 | 63 | 64 }
  /** Form of RFC 9562, version 4. */
  | { readonly kind: "uuid" }
  | { readonly kind: "hex128" }
  /** The venue has none: ids stay local and orders are matched by exchange order id. */
  | { readonly kind: "none" };

export type ClientOrderIdRule = ClientOrderIdForm & {
  /**
   * True where an order's status can be asked for by client order id. Where it cannot, orders whose exchange order id
   * is not known are looked for among the open orders and the fills.
   */
  readonly isQueryable: boolean;
  /**
   * Time after its creation within which the id can be queried, milliseconds; beyond it "not found" proves nothing.
   * Default: as long as orders are kept.
   */
  readonly queryableForMs?: number | undefined;
};

export interface ClientOrderIdFactoryOptions {
  readonly rule: ClientOrderIdRule;
  /** 16 hexadecimal digits that the journal keeps; see `OrderJournal.instanceId`. */
  readonly instanceId: string;
  /** Returns a number, and never one twice, in this process or a later one on the same journal. */
  nextCounter(): number;
}

const INSTANCE_ID = /^[0-9a-f]{16}$/;
/** 48 bits of the instance id: ten digits of base 36. */
const TEXT_INSTANCE_HEX_DIGITS = 12;
const TEXT_INSTANCE_DIGITS = 10;
/** Bits of the counter in numbers of more bits. */
const COUNTER_BITS = 32;

/** The version and the variant have their places; what is left holds the instance. */
function uuidPrefix(instanceId: string): string {
  const part = (from: number, to?: number) => instanceId.slice(from, to);
  return `${part(0, 8)}-${part(8, 12)}-4${part(12, 15)}-8${part(15)}`;
}

/** Behind the instance five digits for the amends of the order, then nine for the counter. */
function uuidOf(instanceId: string, counter: number): string {
  return `${uuidPrefix(instanceId)}00-000${counter.toString(16).padStart(9, "0")}`;
}

/**
 * Makes client order ids that never repeat across restarts or processes: an instance id drawn once per journal and a
 * counter that the journal reserves before it is used.
 */
export class ClientOrderIdFactory {
  readonly #rule: ClientOrderIdRule;
  readonly #instanceId: string;
  readonly #instanceText: string;
  readonly #nextCounter: () => number;

  constructor(options: ClientOrderIdFactoryOptions) {
    if (!INSTANCE_ID.test(options.instanceId)) {
      throw new ConfigError(`"${options.instanceId}" is not an instance id`, {
        hint: "it is 16 lower-case hexadecimal digits, as OrderJournal draws it",
      });
    }
    this.#rule = options.rule;
    this.#instanceId = options.instanceId;
    const instance = BigInt(`0x${this.#instanceId.slice(0, TEXT_INSTANCE_HEX_DIGITS)}`).toString(36);
    this.#instanceText = instance.padStart(TEXT_INSTANCE_DIGITS, "0");
    this.#nextCounter = () => options.nextCounter();
  }

  /** Throws `JournalError` when no counter can be reserved, `ConfigError` when the rule leaves no room for an id. */
  next(): string {
    const counter = this.#nextCounter();
    switch (this.#rule.kind) {
      case "integer":
        return this.#integer(this.#rule.bits, counter);
      case "uuid":
        return uuidOf(this.#instanceId, counter);
      case "hex128":
        return `0x${this.#instanceId}${counter.toString(16).padStart(16, "0")}`;
      case "none":
        return this.#text("", counter);
      case "text":
        return this.#checked(this.#text(this.#rule.prefix, counter), this.#rule.maxLength, this.#rule.pattern);
    }
  }

  /** True when an id was made by this journal's factory, in any process; short numbers do not tell. */
  isOwn(clientOrderId: string): boolean {
    switch (this.#rule.kind) {
      case "integer":
        return this.#isOwnInteger(this.#rule.bits, clientOrderId);
      case "uuid":
        return clientOrderId.startsWith(uuidPrefix(this.#instanceId));
      case "hex128":
        return clientOrderId.startsWith(`0x${this.#instanceId}`);
      case "none":
        return clientOrderId.startsWith(this.#instanceText);
      case "text":
        return clientOrderId.startsWith(`${this.#rule.prefix}${this.#instanceText}`);
    }
  }

  /**
   * Makes an integer id. Short numbers are a counter from a start of its own, so that two journals meet only where
   * their stretches overlap; long ones have the instance in front of the counter. Some venues read 0 as "no client id".
   */
  #integer(bits: number, counter: number): string {
    const instance = BigInt(`0x${this.#instanceId}`);
    const range = (1n << BigInt(bits)) - 1n;
    if (bits <= COUNTER_BITS) return (((instance + BigInt(counter)) % range) + 1n).toString();
    return ((this.#instanceBits(bits) << BigInt(COUNTER_BITS)) + BigInt(counter)).toString();
  }

  /** Returns the instance's bits, never 0, which would leave the counter alone. */
  #instanceBits(bits: number): bigint {
    return (BigInt(`0x${this.#instanceId}`) % ((1n << BigInt(bits - COUNTER_BITS)) - 1n)) + 1n;
  }

  /** Short numbers do not tell. */
  #isOwnInteger(bits: number, clientOrderId: string): boolean {
    if (bits <= COUNTER_BITS || !/^\d{1,20}$/.test(clientOrderId)) return false;
    return BigInt(clientOrderId) >> BigInt(COUNTER_BITS) === this.#instanceBits(bits);
  }

  #text(prefix: string, counter: number): string {
    return `${prefix}${this.#instanceText}${counter.toString(36)}`;
  }

  #checked(id: string, maxLength: number | undefined, pattern: RegExp | undefined): string {
    if (maxLength !== undefined && id.length > maxLength) {
      throw new ConfigError(`client order id "${id}" is longer than the ${maxLength} characters that the venue takes`, {
        hint: "shorten the prefix",
      });
    }
    if (pattern !== undefined && !pattern.test(id)) {
      throw new ConfigError(`client order id "${id}" does not fit the venue's pattern ${String(pattern)}`, {
        hint: "change the prefix",
      });
    }
    return id;
  }
}
