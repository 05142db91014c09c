import { Kernel, type KernelMemory, type Told } from "./kernel.ts";
import { KERNEL_BYTES } from "./level-crc-bytes.ts";

/** Exports of `kernel/level-crc.ts`. */
interface CrcExports extends KernelMemory {
  append(register: number, bids: number, asks: number, bestBid: number, bestAsk: number, count: number): number;
  slotOf(side: number, best: number, rank: number): number;
  readonly SIDES: Told;
  readonly SIDE_BYTES: Told;
  readonly MAX_SIDES: Told;
  readonly SLOTS: Told;
  readonly CURSORS: Told;
  readonly CRCS: Told;
  readonly LENGTHS: Told;
}

const kernel = new Kernel<CrcExports>(KERNEL_BYTES);
/** Books share the tables of an instance, as many as it has room for. */
let current: CrcExports | undefined;
let sides = 0;

/** Columns of one side: values at cursors, bits at the slots of a ladder. */
export interface CrcSide {
  readonly place: number;
  readonly bits: Int32Array;
  readonly crcs: Int32Array;
  readonly lengths: Uint8Array;
}

/**
 * CRC-32 over the texts of a book's best levels, a bid and an ask in turn. Of each text its register from 0 and its
 * length are kept: a book's checksum is appended from them, 3 ns a level.
 */
export class LevelCrc {
  readonly bids: CrcSide;
  readonly asks: CrcSide;
  readonly #exports: CrcExports;

  constructor() {
    if (current === undefined || sides + 2 > current.MAX_SIDES.value) {
      current = kernel.instance();
      sides = 0;
    }
    this.#exports = current;
    this.bids = sideOf(current, sides);
    this.asks = sideOf(current, sides + 1);
    sides += 2;
  }

  /**
   * The register after the texts of so many bids and asks, from the best slots on. All must be in slots of their side's
   * ladder, and have their texts.
   */
  append(register: number, bestBid: number, bestAsk: number, count: number): number {
    return this.#exports.append(register, this.bids.place, this.asks.place, bestBid, bestAsk, count);
  }

  /** The slot of the level of a rank, from the best slot of its side. */
  slotOf(side: CrcSide, best: number, rank: number): number {
    return this.#exports.slotOf(side.place, best, rank);
  }
}

function sideOf({ memory, SIDES, SIDE_BYTES, SLOTS, CURSORS, CRCS, LENGTHS }: CrcExports, side: number): CrcSide {
  const place = SIDES.value + side * SIDE_BYTES.value;
  return {
    place,
    bits: new Int32Array(memory.buffer, place, SLOTS.value / 32),
    crcs: new Int32Array(memory.buffer, place + CRCS.value, CURSORS.value),
    lengths: new Uint8Array(memory.buffer, place + LENGTHS.value, CURSORS.value),
  };
}
