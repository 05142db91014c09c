import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { loadVenue } from "../../src/registry.ts";
import type { Arm } from "../arm.ts";
import { streamOf } from "../growth/private-stream.ts";
import { open } from "../growth/process.ts";
import { ccxtExchange } from "../peers/ccxt.ts";
import { type PrivateVenue, SYMBOLS } from "./frames.ts";

export interface PrivateSetup {
  readonly venue: PrivateVenue;
  /** Orders that rest at the venue, which the fills are of in turn. */
  readonly openOrders: number;
}

/** Frames of a pass, each of one fill. */
export type PrivateInput = readonly string[];

interface Contender {
  deliver(frame: Buffer): void;
  /** Fills that it has told, or keeps. */
  told(): number;
  end?(): void;
}

function privateArm({ deliver, told, end }: Contender): Arm {
  let frames: readonly Buffer[] = [];
  return {
    prepare(input) {
      frames = (input as PrivateInput).map((text) => Buffer.from(text));
    },
    pass() {
      const before = told();
      for (const frame of frames) deliver(frame);
      if (told() - before !== frames.length) throw new Error(`${told() - before} of ${frames.length} fills were told`);
      return undefined;
    },
    end: () => end?.(),
  };
}

/** User stream, evidence, ledger, journal and event, as a connector joins them. */
async function perpwire({ venue: name, openOrders }: PrivateSetup, journal: "memory" | "wal"): Promise<Contender> {
  const { module, domain } = await loadVenue(`${name}_perpetual`);
  const venue = module.createVenue({ domain, restUrl: "http://127.0.0.1", webSocketUrl: "ws://127.0.0.1" });
  const folder = journal === "wal" ? mkdtempSync(join(tmpdir(), "perpwire-bench-")) : undefined;
  const path = folder === undefined ? undefined : join(folder, "journal.db");
  const stream = await streamOf(name, venue.userStreamDataSource, venue, path);
  open(stream, openOrders);
  let told = 0;
  stream.events.on("orderFilled", () => {
    told += 1;
  });
  return {
    deliver: (frame) => stream.dispatch(frame.toString()),
    told: () => told,
    end() {
      stream.end();
      if (folder !== undefined) rmSync(folder, { recursive: true });
    },
  };
}

/** Whom it tells of a frame, once a frame. */
const TOLD_BY: Readonly<Record<PrivateVenue, string>> = {
  ...{ bybit: "myTrades", binance: "myTrades", okx: "orders", ftx: "fills" },
};

/** Its handler of the same frame, which keeps the last thousand trades. */
async function ccxt({ venue }: PrivateSetup): Promise<Contender> {
  const exchange = await ccxtExchange(venue, [SYMBOLS[venue]]);
  const tellsFills = TOLD_BY[venue];
  const client = exchange.client("wss://127.0.0.1:1/v5/private");
  let failure: unknown;
  let told = 0;
  client.reject = (error) => {
    failure = error;
  };
  client.resolve = (_result, hash) => {
    if (hash === tellsFills) told += 1;
  };
  return {
    deliver: (frame) => client.onMessage({ data: frame }),
    told() {
      if (failure !== undefined) throw new Error(`ccxt failed: ${String(failure)}`);
      return told;
    },
  };
}

function jsonParse(): Contender {
  let told = 0;
  return {
    deliver(frame) {
      if (JSON.parse(frame.toString()) !== undefined) told += 1;
    },
    told: () => told,
  };
}

export async function createArm(name: string, setup: unknown): Promise<Arm> {
  const own = setup as PrivateSetup;
  switch (name) {
    case "perpwire":
      return privateArm(await perpwire(own, "memory"));
    case "perpwireWal":
      return privateArm(await perpwire(own, "wal"));
    case "ccxt":
      return privateArm(await ccxt(own));
    case "jsonParse":
      return privateArm(jsonParse());
    default:
      throw new Error(`there is no contender ${name}`);
  }
}
