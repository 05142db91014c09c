import { splitTradingPair } from "../../../model/market.ts";
import type { PreparedRequest } from "../../../net/auth.ts";
import { ClientOrderIdFactory } from "../../../trading/client-order-id.ts";
import { assert } from "../assertion.ts";
import { type FixtureName, isNotOffered, type PerpetualConnectorFixtures } from "../fixtures.ts";
import { isPaste } from "../paste.ts";
import type { Kit } from "../register.ts";
import { requirementsOf } from "../requirements.ts";
import { secretsOf } from "../secrets.ts";
import { venueAtUser } from "../venue-at.ts";

/** Longest silence after which a dead channel or connection has to be noticed, for it would cost money. */
const MAX_SILENCE_MS = 300_000;
/** A day, or a month. */
const DATE = /^\d{4}-(0[1-9]|1[0-2])(-(0[1-9]|[12]\d|3[01]))?$/;

/** Tests that a venue's description of itself is consistent: they need no payload. */
export function declarationTests({ describe, fixtures, pure, todo }: Kit): void {
  const { venueModule, connectorName, tradingPair, otherTradingPair, notOffered } = fixtures;
  const { manifest } = venueModule;

  describe("declaration", () => {
    pure("the venue, its domains and its markets have names", [], () => {
      assert.ok(
        manifest.domains.includes(manifest.defaultDomain),
        `${manifest.defaultDomain} (defaultDomain) is not among the domains ${manifest.domains.join(", ")}`,
      );
      assert.equal(
        new Set(manifest.domains).size,
        manifest.domains.length,
        "the number of different domains of the manifest",
      );
      assert.ok(
        manifest.domains.includes(connectorName),
        `connectorName ${connectorName} is not among the domains ${manifest.domains.join(", ")}`,
      );
      for (const pair of [manifest.exampleTradingPair, tradingPair, otherTradingPair]) splitTradingPair(pair);
      assert.notEqual(tradingPair, otherTradingPair, "the trading pair");
    });

    const { documentsDate } = manifest;
    const dated = "the documents that the venue was checked against have a date";
    if (documentsDate === undefined) todo(`${dated}: paste documentsDate (the date of the newest page, manifest.ts)`);
    else pure(dated, [], () => assert.match(documentsDate, DATE, "the documents date"));

    pure("every domain takes the user's own addresses", [], () => {
      for (const domain of manifest.domains) {
        const { webUtils } = venueAtUser(fixtures, domain);
        const request = { method: "GET", path: "/any", isAuthRequired: false, limitId: "" } as const;
        assert.ok(
          webUtils.restUrl(request).startsWith("http://user.test"),
          `a request goes to ${webUtils.restUrl(request)}, expected the user's http://user.test`,
        );
        const urls = Object.values(webUtils.webSocketUrls);
        assert.ok(urls.length > 0 && urls.every((url) => url.startsWith("ws://user.test")), urls.join(", "));
        assert.ok(
          manifest.userStream.socket in webUtils.webSocketUrls,
          `the manifest's user stream is on the socket "${manifest.userStream.socket}", which has no address`,
        );
      }
    });

    pure("a client order id is made by the rule, and never twice", [], () => {
      let counter = 0;
      const nextCounter = () => counter++;
      const factory = new ClientOrderIdFactory({
        rule: manifest.clientOrderId,
        instanceId: "0123456789abcdef",
        nextCounter,
      });
      const ids = Array.from({ length: 100 }, () => factory.next());
      assert.equal(new Set(ids).size, ids.length, "the number of different client order ids");
    });

    pure("rate limits are linked with limits that are there", [], () => {
      const { rateLimits } = venueAtUser(fixtures);
      assert.ok(rateLimits.length > 0, "the venue has no rate limit");
      const ids = new Set(rateLimits.map(({ limitId }) => limitId));
      assert.equal(ids.size, rateLimits.length, "the number of ids");
      for (const { linkedLimits = [], limit, timeIntervalMs } of rateLimits) {
        assert.ok(
          limit > 0 && timeIntervalMs > 0,
          `a rate limit of ${limit} in ${timeIntervalMs} ms: both must be above zero`,
        );
        for (const { limitId } of linkedLimits) assert.ok(ids.has(limitId), limitId);
      }
    });

    pure("intervals and limits have the right units", [], () => {
      const { heartbeat, cadencesMs } = manifest;
      const { orderBook, fundingInfo = orderBook } = cadencesMs;
      for (const intervalMs of [heartbeat.intervalMs, heartbeat.timeoutMs, orderBook, fundingInfo])
        assert.ok(intervalMs >= 1_000 && intervalMs <= MAX_SILENCE_MS, `${intervalMs} ms`);
      for (const { limitId, limit, timeIntervalMs } of venueAtUser(fixtures).rateLimits)
        assert.ok(limit / timeIntervalMs <= 1, `${limitId}: ${limit} in ${timeIntervalMs} ms`);
    });

    pure("making costs no more than taking", [], () => {
      const { makerPercentFee, takerPercentFee } = manifest.defaultFees;
      assert.ok(
        makerPercentFee.lte(takerPercentFee),
        `the default fee of a maker is ${makerPercentFee.toFixed()}, above a taker's ${takerPercentFee.toFixed()}: are they swapped?`,
      );
      assert.ok(takerPercentFee.gt(0) && takerPercentFee.lt("0.01"), "fees are fractions");
    });

    pure("what is not offered has a reason", [], () => {
      for (const [name, reason] of Object.entries({ ...manifest.notOffered, ...notOffered }))
        assert.ok(/\w+ \w+/.test(reason ?? ""), name);
    });

    pure("what the fixtures leave out is what the venue does not have", [], async () => {
      const required = await requirementsOf(venueAtUser(fixtures), fixtures);
      const missing = [...required].filter(([name]) => isNotOffered(fixtures, name));
      const asked = missing.map(([name, because]) => `\n- ${name}: ${because}`);
      assert.ok(missing.length === 0, `\`notOffered\` leaves out what the kit needs:${asked.join("")}`);
    });

    clientOrderIdTest(fixtures, pure);
    signatureTest(fixtures, pure);
  });
}

/** Long instances and high counters make the longest ids. */
function clientOrderIdTest({ venueModule: { manifest } }: PerpetualConnectorFixtures, pure: Kit["pure"]): void {
  const { clientOrderId: rule } = manifest;
  const needs: readonly FixtureName[] = rule.kind === "none" ? [] : ["clientOrderIdPattern"];
  pure("client order ids are as the venue's documentation allows them", needs, (f) => {
    const { clientOrderIdPattern: pattern } = f as Partial<PerpetualConnectorFixtures>;
    if (typeof pattern !== "string") return;
    for (const instanceId of ["0123456789abcdef", "ffffffffffffffff"]) {
      for (const counter of [0, 1, 2 ** 31]) {
        const id = new ClientOrderIdFactory({ rule, instanceId, nextCounter: () => counter }).next();
        assert.match(
          id,
          new RegExp(`^(?:${pattern})$`),
          `the client order id "${id}" does not fit clientOrderIdPattern (${pattern}): the rule in manifest.ts makes others than the venue takes`,
        );
      }
    }
  });
}

function signatureTest(fixtures: PerpetualConnectorFixtures, pure: Kit["pure"]): void {
  pure("a signature depends on secret, time and request, and holds no secret", [], async () => {
    const { credentials, startMs, venueModule } = fixtures;
    const [signing] = secretsOf(credentials, venueModule.manifest.credentials);
    assert.ok(signing !== undefined, "the credentials hold nothing to sign with");
    const { name, secret } = signing;
    const [one, other] = signable(fixtures);
    const sign = async (request: PreparedRequest, nowMs = startMs, value = secret): Promise<string> => {
      const authenticator = venueAtUser(fixtures).createAuthenticator(
        { ...credentials, [name]: value },
        { now: () => nowMs },
      );
      const { headers, url, body } = await authenticator.restAuthenticate(request);
      return JSON.stringify({ headers, added: url.slice(request.url.length), body });
    };
    const signed = await sign(one);
    for (const { name: key, namesAccount, isSecret, label } of venueModule.manifest.credentials) {
      const shown = credentials[key];
      if (isSecret && namesAccount && shown !== undefined)
        assert.ok(signed.includes(shown), `the ${label} is not sent`);
    }
    assert.ok(!signed.includes(secret), "a request holds what it is signed with");
    assert.equal(await sign(one), signed, "the same request at the same time has the same signature");
    assert.notEqual(await sign(other), signed, "the signature of another request");
    assert.notEqual(await sign(one, startMs + 1_000), signed, "the signature a second later");
    // A secret may have a form, with a prefix (0x) and padding (=).
    const middle = Math.floor(secret.length / 2);
    const otherSecret = `${secret.slice(0, middle)}${secret[middle] === "1" ? "2" : "1"}${secret.slice(middle + 1)}`;
    assert.notEqual(await sign(one, startMs, otherSecret), signed, "the signature by another secret");
  });
}

/** Two requests that are signed: where questions are not, those of the known signatures. */
function signable({ auth, authVectors }: PerpetualConnectorFixtures): readonly [PreparedRequest, PreparedRequest] {
  const ask = (a: number) => ({ method: "GET", url: `http://user.test/v1/any?a=${a}`, headers: {} }) as const;
  if (isPaste(auth) || isPaste(authVectors) || auth.isForActionsOnly !== true) return [ask(1), ask(2)];
  const [one, other] = authVectors.map(({ method, url, body }) => ({ method, url, body, headers: {} }));
  return one === undefined || other === undefined ? assert.fail("two known signatures are needed") : [one, other];
}
