import { connect } from "../../src/connect.ts";
import { PAPER_MARKETS } from "../../src/paper/index.ts";
import { SILENT_LOGGER } from "../../src/runtime/logger.ts";
import { SimulatedWorld } from "../../src/runtime/simulated.ts";
import type { Cost } from "./cost.ts";
import { VENUE_NAMES, type VenueName } from "./open-orders.ts";

const QUOTES: Readonly<Record<VenueName, string>> = { ftx: "USD", bybit: "USDT", binance: "USDT", okx: "USDT" };

let seed = 0;

/** Virtual time, so that waiting for a message that comes once a second shows and the machine does not. */
const ready = (name: VenueName): Cost => ({
  what: `${name}, from connect() until ready, markets`,
  unit: "virtual ms",
  sizes: [1, PAPER_MARKETS.length],
  prepare(size) {
    const tradingPairs = PAPER_MARKETS.slice(0, size).map(({ base }) => `${base}-${QUOTES[name]}`);
    const measure = async (): Promise<number> => {
      seed += 1;
      const world = new SimulatedWorld({ seed });
      const options = { tradingPairs, runtime: world.runtime(), paper: { seed }, logger: SILENT_LOGGER };
      const connector = await world.run(connect(`${name}_perpetual`, options));
      const ms = world.elapsedMs();
      await world.run(connector.stop());
      return ms;
    };
    return { measure };
  },
});

export const startCosts: readonly Cost[] = VENUE_NAMES.map(ready);
