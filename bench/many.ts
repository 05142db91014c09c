import type { ManySetup } from "./many/arms.ts";
import type { Result } from "./report.ts";
import { type Contender, inTurn } from "./rounds.ts";

const STEADY: ManySetup = { markets: 500, framesPerSecond: 5_000, seconds: 2 };
/** More than one core takes, and than the server sends. */
const FULL: ManySetup = { markets: 500, framesPerSecond: 200_000, seconds: 0.2 };

const MODULE = new URL("./many/arms.ts", import.meta.url).href;

function perpwire(setup: ManySetup, threads: number): Contender {
  const name = threads === 0 ? "perpwire" : `perpwire, bookThreads: ${threads}`;
  const note = threads === 0 ? "a listener a book" : "the same; sockets and books in other threads";
  return { name, key: `threads${threads}`, arm: "perpwire", note, setup: { ...setup, threads } };
}

const bareWs = (setup: ManySetup): Contender => {
  return { name: "bare ws", key: "ws", arm: "bareWs", note: "frames arrive and are not read", setup };
};

/** Many books at once over real sockets, from the server's send to the listener: at an even pace, and as fast as it goes. */
export async function benchMany({ passes }: { readonly passes: number }): Promise<readonly Result[]> {
  const note = "a loop a book that awaits watchOrderBook";
  const steady = [
    { ...perpwire(STEADY, 0), key: "perpwire" },
    perpwire(STEADY, 1),
    perpwire(STEADY, 2),
    { name: "ccxt 4.5.84 (pro)", key: "ccxt", arm: "ccxt", note, setup: STEADY },
    bareWs(STEADY),
  ];
  const full = [...[0, 1, 2].map((threads) => perpwire(FULL, threads)), bareWs(FULL)];
  const books = `${STEADY.markets} books of Bybit over loopback sockets`;
  const { framesPerSecond, seconds } = STEADY;
  return [
    {
      ...{ name: books, passes, unit: "us of work a frame in the thread of the program" },
      work: `${framesPerSecond} frames a second for ${seconds} s a pass`,
      figures: await inTurn({ module: MODULE, contenders: steady, passes, units: unitsOf(STEADY) }),
    },
    {
      ...{ name: `${books}, full`, passes, unit: "us of work a frame in the thread of the program" },
      work: `${unitsOf(FULL)} frames a pass, as fast as they are sent and read`,
      figures: await inTurn({ module: MODULE, contenders: full, passes, units: unitsOf(FULL) }),
    },
  ];
}

const unitsOf = ({ framesPerSecond, seconds }: ManySetup): number => framesPerSecond * seconds;
