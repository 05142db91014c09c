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
  | { readonly kind: "uint32" }
  | { readonly kind: "hex128" }
  /** The venue has none: ids stay local and orders are matched by exchange order id. */
  | { readonly kind: "none" };

export type ClientOrderIdRule = ClientOrderIdForm & {
  /**
   * Whether an order's status can be asked for by client order id. Where it cannot, orders whose exchange order id is
   * not known are looked for among the open orders and the fills.
   */
  readonly isQueryable: boolean;
  /**
   * How long after its creation, milliseconds; beyond it "not found" proves nothing. Default: as long as orders are
   * kept.
   */
  readonly queryableForMs?: number | undefined;
};

export interface ClientOrderIdFactoryOptions {
  readonly rule: ClientOrderIdRule;
  /** 16 hexadecimal digits that the journal keeps; see `OrderJournal.instanceId`. */
  readonly instanceId: string;
  /** Never returns a number twice, in this process or a later one on the same journal. */
  nextCounter(): number;
}

const INSTANCE_ID = /^[0-9a-f]{16}$/;
/** 48 bits of the instance id: ten digits of base 36. */
const TEXT_INSTANCE_HEX_DIGITS = 12;
const TEXT_INSTANCE_DIGITS = 10;
/** Some venues read 0 as "no client id", so ids run from 1 to 2^32 - 1. */
const UINT32_RANGE = 0xffff_ffffn;

/**
 * Makes client order ids that never repeat across restarts or processes: an instance id drawn once per journal and a
 * counter that the journal reserves before it is used.
 */
export class ClientOrderIdFactory {
  readonly #rule: ClientOrderIdRule;
  readonly #instanceId: string;
  readonly #nextCounter: () => number;

  constructor(options: ClientOrderIdFactoryOptions) {
    if (!INSTANCE_ID.test(options.instanceId)) {
      throw new ConfigError(`"${options.instanceId}" is not an instance id`, {
        hint: "it is 16 lower-case hexadecimal digits, as OrderJournal draws it",
      });
    }
    this.#rule = options.rule;
    this.#instanceId = options.instanceId;
    this.#nextCounter = () => options.nextCounter();
  }

  /** Throws `JournalError` when no counter can be reserved, `ConfigError` when the rule leaves no room for an id. */
  next(): string {
    const counter = this.#nextCounter();
    switch (this.#rule.kind) {
      case "uint32":
        // A counter from a start of its own: two journals meet only where their stretches overlap.
        return (((BigInt(`0x${this.#instanceId}`) + BigInt(counter)) % UINT32_RANGE) + 1n).toString();
      case "hex128":
        return `0x${this.#instanceId}${counter.toString(16).padStart(16, "0")}`;
      case "none":
        return this.#text("", counter);
      case "text":
        return this.#checked(this.#text(this.#rule.prefix, counter), this.#rule.maxLength, this.#rule.pattern);
    }
  }

  /** True when an id was made by this journal's factory, in any process; numbers do not tell. */
  isOwn(clientOrderId: string): boolean {
    switch (this.#rule.kind) {
      case "uint32":
        return false;
      case "hex128":
        return clientOrderId.startsWith(`0x${this.#instanceId}`);
      case "none":
        return clientOrderId.startsWith(this.#instanceText());
      case "text":
        return clientOrderId.startsWith(`${this.#rule.prefix}${this.#instanceText()}`);
    }
  }

  #text(prefix: string, counter: number): string {
    return `${prefix}${this.#instanceText()}${counter.toString(36)}`;
  }

  #instanceText(): string {
    const instance = BigInt(`0x${this.#instanceId.slice(0, TEXT_INSTANCE_HEX_DIGITS)}`).toString(36);
    return instance.padStart(TEXT_INSTANCE_DIGITS, "0");
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
