import { inspect } from "node:util";
import { expect, it } from "vitest";
import type { PerpetualConnector } from "../../src/connector/perpetual-connector.ts";
import type { NetworkFaults } from "../../src/runtime/simulated-faults.ts";
import { recordEvents } from "../../src/testing/kit/recording.ts";
import { Stage, VENUE_NAMES } from "./stage.ts";

/** Signatures on the wire of each protocol, and the key of a private stream. */
const SIGNED = [
  /[?&]signature=([0-9a-f]{64})/g,
  /"(?:sign|signature|SIGN)":"([^"]{40,})"/g,
  /"[rs]":"(0x[0-9a-f]{40,})"/g,
  /"op":"auth","args":\["[^"]+",\d+,"([0-9a-f]{64})"/g,
  /"(?:listenKey|listen_key)":"([^"]+)"/g,
];
const SIGNING_HEADER = /sign$|signature$|passphrase$/i;

/** Everything secret that has left or come, as long as the world lasts. */
function overhear(stage: Stage, secrets: Set<string>): void {
  const note = (text: string): void => {
    for (const pattern of SIGNED) for (const [, secret] of text.matchAll(pattern)) if (secret) secrets.add(secret);
  };
  let requests = 0;
  const faults: NetworkFaults = {
    onHttpRequest: ({ url, headers, body }) => {
      note(url);
      note(body);
      for (const [name, value] of Object.entries(headers)) if (SIGNING_HEADER.test(name)) secrets.add(value);
      requests += 1;
      // A proxy that fails shows all that it was asked, as some do; an answer that is cut shows the end of it.
      if (requests % 7 !== 0) return undefined;
      const text = `<html>${url} ${JSON.stringify(headers)} ${body}`;
      return { kind: "respond", response: { status: requests % 2 === 0 ? 500 : 200, headers: {}, text } };
    },
    onFrame: (_, text) => {
      note(text);
      return undefined;
    },
  };
  stage.raw.network.faults = faults;
}

async function trade(stage: Stage): Promise<unknown[]> {
  const failures: unknown[] = [];
  const attempt = async (work: () => Promise<unknown>): Promise<void> => {
    try {
      await stage.run(work());
    } catch (error) {
      failures.push(error);
    }
  };
  const { connector } = stage;
  for (let round = 0; round < 6; round += 1) {
    const order = stage.order("buy", { price: "19900" });
    await attempt(() => order.accepted);
    await attempt(() => connector.amend(order.clientOrderId, { price: "19910" }));
    await attempt(() => connector.cancel(order.clientOrderId));
    await attempt(() => connector.refresh());
    await attempt(() => connector.setLeverage(stage.pair, 3 + round));
    await stage.pass(2_000);
  }
  return failures;
}

it.each(VENUE_NAMES)(
  "no secret, signature or listen key is in any log line, event, error or journal (%s)",
  async (name) => {
    const events: unknown[][] = [];
    const secrets = new Set<string>();
    const record = (connector: PerpetualConnector) => void events.push(recordEvents(connector));
    const stage = await Stage.open(name);
    record(stage.connector);
    const { apiSecret, passphrase } = stage.venue;
    secrets.add(apiSecret);
    const { privateKey } = stage.venue.credentials(stage.protocol.name);
    if (privateKey !== undefined) secrets.add(privateKey);
    if (passphrase !== undefined) secrets.add(passphrase);
    overhear(stage, secrets);
    const failures = await trade(stage);
    stage.raw.network.resetConnections();
    await stage.pass(5_000);
    failures.push(...(await trade(stage)));
    await stage.endBot();
    await stage.start(record);
    stage.raw.network.faults = {};
    const view = stage.raw.runtime("bot").journals.view("journal.db");
    const journal = view.tables().flatMap((table) => view.page(table, "", 100_000));
    const said = {
      log: stage.logger.text,
      events: inspect(events, { depth: 12, maxArrayLength: null, maxStringLength: null }),
      failures: failures.map((error) => inspect(error, { depth: 12 })).join("\n"),
      journal: journal.flat().join("\n"),
      shown: inspect(stage.connector, { depth: 12 }),
      standardError: stage.standardError,
    };
    expect(secrets.size, "signatures were seen").toBeGreaterThan(10);
    expect(failures.length, "requests failed").toBeGreaterThan(0);
    expect(stage.logger.at("debug", "info", "warn", "error").length).toBeGreaterThan(10);
    for (const [where, text] of Object.entries(said)) {
      const found = [...secrets].filter((secret) => text.includes(secret));
      expect(found, `in ${where}`).toEqual([]);
    }
    await stage[Symbol.asyncDispose]();
  },
);
