import type { Arm, Figures } from "../arm.ts";
import { ccxtBooks } from "./ccxt.ts";
import type { FeedSetup, Frames } from "./feeds.ts";
import { orderbooksBooks } from "./orderbooks.ts";
import { perpwireBooks } from "./perpwire.ts";
import type { BookState } from "./reference-books.ts";
import { tardisBooks } from "./tardis.ts";

/** A library that keeps books, made ready for a feed. */
export interface BookContender {
  /** Takes a frame as `ws` hands it over. */
  deliver(frame: Buffer): void;
  bestBid(market: number): unknown;
  bestAsk(market: number): unknown;
  /** Figures of its own about the last pass. */
  figures?(): Figures;
  /** Throws where a book was given up. */
  check(): void;
  books(): readonly BookState[];
}

const LIBRARIES: Readonly<Record<string, (setup: FeedSetup) => Promise<BookContender>>> = {
  ...{ perpwire: perpwireBooks, ccxt: ccxtBooks, tardis: tardisBooks, orderbooks: orderbooksBooks },
};

function buffersOf({ bytes, ends }: Frames): Buffer[] {
  const own = Buffer.from(Uint8Array.from(bytes).buffer);
  return Array.from(ends, (end, index) => own.subarray(index === 0 ? 0 : ends[index - 1], end));
}

/** Frame by frame to the book, and after each its best bid and ask. */
function bookArm(contender: BookContender): Arm {
  let frames: readonly Buffer[] = [];
  let markets: Uint8Array = new Uint8Array();
  let touch: unknown;
  return {
    prepare(input) {
      frames = buffersOf(input as Frames);
      markets = (input as Frames).markets;
    },
    pass() {
      for (let index = 0; index < frames.length; index += 1) {
        const market = markets[index] ?? 0;
        contender.deliver(frames[index] as Buffer);
        touch = [contender.bestBid(market), contender.bestAsk(market)];
      }
      if (touch === undefined) throw new Error("no frame");
      contender.check();
      return contender.figures?.();
    },
    state: () => contender.books(),
  };
}

function jsonParse(): Arm {
  let texts: readonly string[] = [];
  let last: unknown;
  return {
    prepare(input) {
      // Ready strings: neither the copy out of the socket's bytes nor their decoding counts.
      texts = buffersOf(input as Frames).map((frame) => frame.toString("latin1"));
    },
    pass() {
      for (const text of texts) last = JSON.parse(text);
      if (last === undefined) throw new Error("no frame");
      return undefined;
    },
  };
}

const [ZERO, NINE, POINT] = [48, 57, 46];

/** Reads every byte once, and every number in the frames as a scaled integer of 32 bits; nothing is kept. */
function scan(): Arm {
  let frames: readonly Buffer[] = [];
  let sum = 0;
  return {
    prepare(input) {
      frames = buffersOf(input as Frames);
    },
    pass() {
      for (const frame of frames) {
        let value = 0;
        for (let index = 0; index < frame.length; index += 1) {
          const byte = frame[index] as number;
          if (byte >= ZERO && byte <= NINE) value = (value * 10 + byte - ZERO) | 0;
          else if (byte !== POINT) {
            sum = (sum + value) | 0;
            value = 0;
          }
        }
      }
      if (sum === 0) throw new Error("no number");
      return undefined;
    },
  };
}

/** Copies each frame once. */
function memcpy(): Arm {
  let frames: readonly Buffer[] = [];
  const target = Buffer.alloc(1 << 20);
  return {
    prepare(input) {
      frames = buffersOf(input as Frames);
    },
    pass() {
      for (const frame of frames) target.set(frame, 0);
      return undefined;
    },
  };
}

const FLOORS: Readonly<Record<string, () => Arm>> = { jsonParse, scan, memcpy };

export async function createArm(name: string, setup: unknown): Promise<Arm> {
  const floor = FLOORS[name];
  if (floor !== undefined) return floor();
  const library = LIBRARIES[name];
  if (library === undefined) throw new Error(`there is no contender ${name}`);
  return bookArm(await library(setup as FeedSetup));
}
