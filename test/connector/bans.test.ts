import { describe, expect, test } from "vitest";
import { openScene, type SceneFixtures } from "../../src/testing/kit/scene.ts";
import { binanceFixtures } from "../venues/binance/fixtures.ts";
import { bybitFixtures } from "../venues/bybit/fixtures.ts";
import { ftxFixtures } from "../venues/ftx/fixtures.ts";
import { okxFixtures } from "../venues/okx/fixtures.ts";

interface Answer {
  readonly status: number;
  readonly text?: string;
  readonly body?: unknown;
}

const PAGE = "<html><body><h1>403 ERROR</h1>Request blocked.</body></html>";
const BANS: readonly (readonly [name: string, fixtures: SceneFixtures, answer: (untilMs: number) => Answer])[] = [
  ["ftx, a page of the firewall", ftxFixtures, () => ({ status: 403, text: PAGE })],
  ["ftx, 429 for everything", ftxFixtures, () => ({ status: 429, body: { success: false, error: "Slow down" } })],
  ["bybit, a page of the firewall", bybitFixtures, () => ({ status: 403, text: PAGE })],
  ["bybit, access too frequent", bybitFixtures, () => ({ status: 403, text: "<html>403, access too frequent</html>" })],
  ["bybit, 429 for everything", bybitFixtures, () => ({ status: 429, text: "<html>429</html>" })],
  [
    "bybit, too many visits whatever is asked",
    bybitFixtures,
    () => ({ status: 200, body: { retCode: 10006, retMsg: "Too many visits!", result: {}, time: 1_700_000_000_000 } }),
  ],
  ["binance, a page of the firewall", binanceFixtures, () => ({ status: 403, text: PAGE })],
  ["binance, 429 without a time", binanceFixtures, () => ({ status: 429, body: { code: -1003, msg: "Too many." } })],
  [
    "binance, 418 whose text has the time",
    binanceFixtures,
    (untilMs) => ({ status: 418, body: { code: -1003, msg: `Way too many; IP(1.2.3.4) banned until ${untilMs}.` } }),
  ],
  ["okx, a page of the firewall", okxFixtures, () => ({ status: 403, text: PAGE })],
  ["okx, 50011", okxFixtures, () => ({ status: 429, body: { code: "50011", msg: "Too Many Requests", data: [] } })],
  ["okx, 50061", okxFixtures, () => ({ status: 200, body: { code: "50061", msg: "Too many orders", data: [] } })],
];

describe("while a venue shuts the address out", () => {
  test.each(BANS)(
    "a bot that goes on trading makes a few requests in two minutes: %s",
    async (_name, fixtures, answer) => {
      await using scene = await openScene(fixtures);
      await scene.world.advance(60_000);
      const fromMs = scene.world.now();
      const answered = answer(Math.round(fromMs + 120_000));
      for (const method of ["GET", "POST", "PUT", "DELETE"]) scene.server.on(method, /.*/, answered as never);
      const before = scene.server.requests.length;
      // The private stream is gone, so that everything is asked for over REST.
      for (const { connection } of scene.server.openConnections(true)) connection.close(1001, "bye");
      for (let index = 0; index < 24; index += 1) {
        scene.order({ price: "5000", amount: "0.02" });
        await scene.world.advance(5_000);
      }
      expect(scene.server.requests.length - before).toBeLessThanOrEqual(12);
    },
  );
});
