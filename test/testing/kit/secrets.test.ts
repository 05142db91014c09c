import { expect, it } from "vitest";
import { openScene } from "../../../src/testing/kit/scene.ts";
import { assertNoSecrets } from "../../../src/testing/kit/secrets.ts";
import { binanceFixtures } from "../../venues/binance/fixtures.ts";
import { ftxFixtures } from "../../venues/ftx/fixtures.ts";

it.each([
  ["the secret", "a log line holds the API secret"],
  ["a signature in a header", "a log line holds a signature"],
  ["the signature of a login", "a log line holds a signature"],
  ["a signature in a query", "a log line holds a signature"],
  ["a listen key", "a log line holds a listen key"],
])("%s in a log line is noticed", async (what, message) => {
  const fixtures = /query|listen/.test(what) ? binanceFixtures : ftxFixtures;
  await using scene = await openScene(fixtures);
  const { requests, connections } = scene.server;
  const login = JSON.stringify(connections.map(({ received }) => received));
  const leaks: Readonly<Record<string, string | undefined>> = {
    "the secret": fixtures.credentials.apiSecret,
    "a signature in a header": requests.map(({ headers }) => headers["ftx-sign"]).find((sign) => sign !== undefined),
    "the signature of a login": /"sign":"([^"]+)"/.exec(login)?.[1],
    "a signature in a query": requests.map(({ params }) => params.signature).find((sign) => sign !== undefined),
    "a listen key": connections
      .map(({ target }) => /listenKey=(\w+)/.exec(target)?.[1])
      .find((key) => key !== undefined),
  };
  const leak = leaks[what] ?? "";
  expect(leak.length).toBeGreaterThan(11);
  const check = (text: string) => () =>
    assertNoSecrets(text, scene.server, fixtures.credentials, fixtures.venueModule.manifest.credentials);
  expect(check(`${scene.logger.text} ${leak}`)).toThrow(message);
  expect(check(scene.logger.text)).not.toThrow();
});
