import { expect, it } from "vitest";
import { ConfigError } from "../../src/model/error.ts";
import { World } from "../../src/simulation/index.ts";
import { SecretWatch } from "../../src/simulation/secret-watch.ts";

const HEX = "0123456789abcdef".repeat(4);

it("finds a key, a secret, a passphrase, a listen key and a signature, wherever they stand", async () => {
  await using world = await World.open({ connector: "okx_perpetual", seed: 1 });
  const { apiKey, apiSecret, passphrase } = world.venue;
  const signature = `${"Ab1+".repeat(10)}xyz=`;
  for (const secret of [apiKey, apiSecret, passphrase, HEX, signature]) {
    const inText = new SecretWatch(world);
    inText.text(`debug sent {"url":"/private?x=${secret}&y"}`);
    expect(inText.leaked).toBeDefined();
    const inCause = new SecretWatch(world);
    inCause.told({ error: new ConfigError("refused", { cause: new Error(`GET ${secret}`) }) });
    expect(inCause.leaked).toBeDefined();
  }
});

it("takes no ordinary words for secrets", async () => {
  await using world = await World.open({ connector: "okx_perpetual", seed: 1 });
  const watch = new SecretWatch(world);
  watch.text('warn an order book is invalid {"tradingPair":"BTC-USDT","reason":"0123456789abcdef0123456789abcdef"}');
  watch.told({ reason: "GET /api/v5/trade/orders-pending failed", row: `{"ordId":"${"7".repeat(40)}"}`, at: 7 });
  expect(watch.leaked).toBeUndefined();
});
