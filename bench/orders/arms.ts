import type { Arm } from "../arm.ts";
import { quantile } from "../measure.ts";
import {
  bybitApiTrader,
  ccxtSigner,
  ccxtTrader,
  perpwireTrader,
  type Trader,
  type TraderOptions,
  undiciTrader,
} from "./traders.ts";

export interface OrderSetup extends TraderOptions {
  readonly mode: "entry" | "operations" | "roundTrip";
  /** Orders of a pass. */
  readonly orders: number;
}

const IN_FLIGHT = 32;

const TRADERS: Readonly<Record<string, (options: TraderOptions) => Promise<Trader>>> = {
  perpwire: (options) => perpwireTrader("memory", options),
  perpwireWal: (options) => perpwireTrader("wal", options),
  ccxt: ccxtTrader,
  ccxtSign: ccxtSigner,
  bybitApi: bybitApiTrader,
  undici: undiciTrader,
};

type Pass = Arm["pass"];

/** One order at a time: from the call until its signed bytes are at the port. */
function entry(trader: Trader, orders: number): Pass {
  return async () => {
    const times: number[] = [];
    for (let order = 0; order < orders; order += 1) {
      const startMs = performance.now();
      const created = trader.create();
      await created;
      // What the answer set in motion has ended before the next order begins.
      await new Promise(setImmediate);
      times.push((trader.atPortMs - startMs) * 1_000);
    }
    return { p50: quantile(times, 0.5), p99: quantile(times, 0.99) };
  };
}

/** One order at a time is created and canceled. */
function operations(trader: Trader, orders: number): Pass {
  return async () => {
    for (let order = 0; order < orders; order += 1) await trader.cancel?.(await trader.create());
    return undefined;
  };
}

/** Creates, so many of them unanswered at a time. */
function roundTrip(trader: Trader, orders: number): Pass {
  return async () => {
    let begun = 0;
    const creates = async (): Promise<void> => {
      while (begun < orders) {
        begun += 1;
        await trader.create();
      }
    };
    await Promise.all(Array.from({ length: IN_FLIGHT }, creates));
    return undefined;
  };
}

const MODES = { entry, operations, roundTrip };

export async function createArm(name: string, setup: unknown): Promise<Arm> {
  const { mode, orders, url } = setup as OrderSetup;
  const create = TRADERS[name];
  if (create === undefined) throw new Error(`there is no contender ${name}`);
  const trader = await create({ url });
  return {
    prepare: () => trader.tidy?.(),
    pass: MODES[mode](trader, orders),
    end: () => trader.end?.(),
  };
}
