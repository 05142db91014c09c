/** Program that depends on the package and uses each of its entry points. */
export const PROGRAM = `
import { registerHooks } from "node:module";
const loaded = new Set();
registerHooks({
  resolve(specifier, context, next) {
    const found = next(specifier, context);
    const dependency = /.*node_modules\\/([^/]+)\\//.exec(found.url)?.[1];
    if (dependency !== undefined) loaded.add(dependency);
    return found;
  },
});
const { connect, CONNECTOR_NAMES, decimal } = await import("perpwire");
const first = [...loaded].sort();
const { createPaperVenue } = await import("perpwire/paper");
const { CHECKLIST_ITEMS } = await import("perpwire/testing");
const nothingThere = await connect("ftx_perpetual", {
  tradingPairs: ["BTC-USD"], restUrl: "http://127.0.0.1:1/api", webSocketUrl: "ws://127.0.0.1:1/ws", readyTimeoutMs: 2_000,
}).catch((error) => error.code);
console.log(JSON.stringify({
  names: CONNECTOR_NAMES, sum: decimal("0.1").plus("0.2").toFixed(), paper: typeof createPaperVenue,
  apiRows: CHECKLIST_ITEMS.apiRows.length, items: CHECKLIST_ITEMS.items.length, nothingThere, first,
}));
`;

/** The first program of a new user: TypeScript, which is JavaScript as it stands. */
export const FIRST_PROGRAM = `
import { connect } from "perpwire";
const venue = await connect("bybit_perpetual", { tradingPairs: ["BTC-USDT"], paper: { seed: 7 } });
const order = venue.buy("BTC-USDT", { amount: "0.01", type: "market", position: "open" });
const result = await order.done;
const position = venue.position("BTC-USDT");
console.log(JSON.stringify([result.state, position?.amount.toFixed()]));
await venue.stop();
`;

/** The exchange in the box by itself, in the real world. */
export const BOX_PROGRAM = `
import { createPaperVenue } from "perpwire/paper";
await using venue = await createPaperVenue({ api: "okx" });
console.log(JSON.stringify(venue.urls.okx?.rest.startsWith("http://127.0.0.1:")));
`;

/** Books that are followed in threads, which load a module of the package. */
export const THREADS_PROGRAM = `
import { connect } from "perpwire";
const venue = await connect("bybit_perpetual", { tradingPairs: ["BTC-USDT"], paper: { seed: 7 }, bookThreads: 2 });
console.log(JSON.stringify([venue.orderBook("BTC-USDT").isValid, venue.metrics().bookMessages.parsed]));
await venue.stop();
`;

/** A test of a user's program: an hour of trading in virtual time. */
export const SIMULATION_PROGRAM = `
import { connect } from "perpwire";
import { SimulatedWorld } from "perpwire/simulation";
const world = new SimulatedWorld({ seed: 7 });
const options = { tradingPairs: ["BTC-USDT"], paper: { seed: 7, quiet: true }, runtime: world.runtime() };
const venue = await world.run(connect("okx_perpetual", options));
const order = venue.buy("BTC-USDT", { amount: "0.01", type: "market", position: "open" });
const { state } = await world.run(order.done);
await world.advance(3_600_000);
console.log(JSON.stringify([state, order.averagePrice?.toFixed(), world.elapsedMs() > 3_600_000]));
await world.run(venue.stop());
`;

/** A program with two copies of the package, as when two of its dependencies bring one each. */
export const COPIES_PROGRAM = `
import * as one from "perpwire";
import * as other from "./other/dist/index.js";
const classes = Object.entries(one).filter(([, value]) => value.prototype instanceof Error);
const misnamed = classes.filter(([name, type]) => new type("", { bytesMayHaveLeft: false }).name !== name);
const refused = await other.connect("nowhere_perpetual", { tradingPairs: [] }).catch((error) => error);
console.log(JSON.stringify([
  classes.length > 15, misnamed, refused instanceof one.ConfigError, refused instanceof one.AuthError,
  one.decimal(other.decimal("0.1")).plus(other.decimal("0.2")).toFixed(),
]));
`;

/** Schemas of the package, and payloads that do not fit them. */
export const SCHEMA_PROGRAM = `
import { readPayload, wireDecimal, wireId } from "perpwire/venue";
const failures = [[wireDecimal, "x"], [wireId, {}]].map(([schema, value]) => {
  try { return readPayload("acme", "a row", schema, value); } catch (error) { return error.message; }
});
console.log(JSON.stringify([readPayload("acme", "a row", wireDecimal, "1.50").toFixed(), ...failures]));
`;

/** A program that imports every entry point. */
export const TYPED_PROGRAM = `
import { connect, decimal, type OrderBook, type PerpetualConnector } from "perpwire";
import { createPaperVenue } from "perpwire/paper";
import { SimulatedWorld } from "perpwire/simulation";
import { CHECKLIST_ITEMS, describePerpetualConnector } from "perpwire/testing";
import { defineVenue, readPayload, wireDecimal } from "perpwire/venue";
export const open = (): Promise<PerpetualConnector> => connect("ftx_perpetual", { tradingPairs: [] });
export const best = (book: OrderBook): string | undefined => book.bestBid?.price.toFixed();
export const price: string = readPayload("acme", "a price", wireDecimal, "1").plus(decimal("1")).toFixed();
export const all = [createPaperVenue, CHECKLIST_ITEMS, describePerpetualConnector, defineVenue, SimulatedWorld];
// @ts-expect-error A number is no amount.
decimal(0.1);
`;

/** A venue's own zod, which is another copy, and the schemas of the package as parts of its schemas. */
export const ZOD_PROGRAM = `
import { z } from "zod";
import { optionalWireCoin, optionalWireDecimal, readPayload, wireDecimal, wireId, wireTimeMs } from "perpwire/venue";
const wireRow = z.object({
  id: wireId, price: wireDecimal.nullable(), list: z.array(wireDecimal), pair: z.tuple([wireDecimal, wireId]),
  at: wireTimeMs.optional(), fee: optionalWireDecimal, coin: optionalWireCoin, byName: z.record(z.string(), wireDecimal),
  positive: wireDecimal.refine((value) => value.gt(0), "must be positive"),
});
const payload = { id: 7, price: "1.5", list: ["1", 2], pair: ["1", "a"], fee: "", byName: { a: "1" }, positive: "3" };
const row = readPayload("acme", "a row", wireRow, payload);
const texts: (string | undefined)[] = [row.id, row.price?.toFixed(), row.pair[1], row.fee?.toFixed(), row.byName.a?.toFixed()];
const at: number | undefined = row.at;
console.log(JSON.stringify([...texts, at ?? null, row.list.reduce((sum, each) => sum.plus(each)).toFixed()]));
try {
  readPayload("acme", "a row", wireRow, { ...payload, positive: "-1" });
} catch (error) {
  console.log(String(error));
}
`;
