import type { ManySetup } from "./many/arms.ts";
import type { Result } from "./report.ts";
import { inTurn } from "./rounds.ts";

const SETUP: ManySetup = { markets: 500, framesPerSecond: 5_000, seconds: 2 };

/** Many books at once over real sockets: from the server's send to the listener. */
export async function benchMany({ passes }: { readonly passes: number }): Promise<Result> {
  const contenders = [
    { name: "perpwire", key: "perpwire", arm: "perpwire", note: "a listener a book", setup: SETUP },
    {
      name: "ccxt 4.5.84 (pro)",
      key: "ccxt",
      arm: "ccxt",
      note: "a loop a book that awaits watchOrderBook",
      setup: SETUP,
    },
    { name: "bare ws", key: "ws", arm: "bareWs", note: "frames arrive and are not read", setup: SETUP },
  ];
  const { markets, framesPerSecond, seconds } = SETUP;
  const units = framesPerSecond * seconds;
  const module = new URL("./many/arms.ts", import.meta.url).href;
  const figures = await inTurn({ module, contenders, passes, units });
  const work = `${framesPerSecond} frames a second for ${seconds} s a pass`;
  return { name: `${markets} books of Bybit over loopback sockets`, work, unit: "us of work a frame", passes, figures };
}
