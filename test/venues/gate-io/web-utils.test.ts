import { describe, expect, it } from "vitest";
import { AuthError, NotFoundError } from "../../../src/model/error.ts";
import { createGateIoAuth, generateSignature, signedText } from "../../../src/venues/gate-io/auth.ts";
import { derivative, venueModule } from "../../../src/venues/gate-io/derivative.ts";
import { errorOf, isOrderNotFound } from "../../../src/venues/gate-io/errors.ts";
import { orderBookDataSource } from "../../../src/venues/gate-io/order-book-data-source.ts";
import { userStreamDataSource } from "../../../src/venues/gate-io/user-stream-data-source.ts";
import { createWebUtils, unwrapResponse } from "../../../src/venues/gate-io/web-utils.ts";
import { contextOf, markets, NOW } from "./wire.ts";

const PATH = "/api/v4/futures/usdt";
const TIME = "1790000000";
const credentials = { apiKey: "KEY123", apiSecret: "SECRET456", userId: "1000" };
const auth = createGateIoAuth(credentials, { now: () => Number(TIME) * 1_000 });
const json = (status: number, body: unknown) => ({ status, headers: {}, text: JSON.stringify(body) });

describe("signatures", () => {
  // Computed by hand from the documented recipe, and the same as ccxt's own signer makes.
  it.each([
    [
      "of a GET",
      { method: "GET", url: `https://host${PATH}/orders?contract=BTC_USDT&status=open&limit=100` },
      "fadb824f6523b58fb91c1b997ef64f618e9d79ab4403cec18e06039e94399b0d84e8635e03220e772296fbf980c9d4d943839a2255fefa687116e6bc1a3bfdd1",
    ],
    [
      "of a POST",
      {
        method: "POST",
        url: `https://host${PATH}/orders`,
        body: '{"contract":"BTC_USDT","size":-5,"price":"60000","tif":"poc","text":"t-cid-1","reduce_only":false}',
      },
      "3cca6202013b01fd7e3a359267f8f771735aec51a86757634d8525c6c558057d81c84592f9c566ae966d52f109a9e997afa68bc7a41f0e7d19a80d94d819356e",
    ],
    [
      "of a DELETE",
      { method: "DELETE", url: `https://host${PATH}/orders/91000001` },
      "50bdd8ee019ff077c2c87b0fd84aa2198ecc66c2ccb6477e10b339798fe62fc7005a7e9fecf3ba1ed6b79f65992f9ac133ae8f40f4551871c3622a46c578e686",
    ],
    [
      "of a setting in the query",
      { method: "POST", url: `https://host${PATH}/positions/BTC_USDT/leverage?leverage=0&cross_leverage_limit=10` },
      "e618d76aba5a43f663875c5f407bad03dd85380defeeb8e44bb3e291473e44632ed55b2033b76fb8ff723bb019a460c711be18ace206797d0d14c3e191a9558d",
    ],
  ] as const)("%s are the documented ones", async (_, request, signature) => {
    const { headers } = await auth.restAuthenticate({ headers: {}, ...request });
    expect(headers).toMatchObject({ KEY: "KEY123", Timestamp: TIME, SIGN: signature });
  });

  it("of a subscription and of a login are the documented ones", () => {
    const message = { channel: "futures.orders", event: "subscribe", payload: ["1000", "!all"] };
    expect(auth.signFrame?.(message)).toEqual({
      ...{ ...message, time: Number(TIME) },
      auth: {
        ...{ method: "api_key", KEY: "KEY123" },
        SIGN: "5b140a3b5250b78d2c3d9844c6bb335b4ea5c37828295f43c76ace3ec9c8025f5c0d5e9054cc9bb0ae7fce6520f684c94389769f4f65465a46694890e33f5941",
      },
    });
    expect(generateSignature("SECRET456", `api\nfutures.login\n\n${TIME}`)).toMatch(/^953a5136c28a090e3a5a64f5/);
  });

  it("are of the query as it reads, not as the URL encodes it", () => {
    const url = `https://host${PATH}/orders?text=t-a%2Fb`;
    expect(signedText({ method: "GET", url, headers: {} }, TIME).split("\n")[2]).toBe("text=t-a/b");
  });

  it.each([
    ...[
      ["POST", "/orders", true] as const,
      ["POST", "/batch_orders", true] as const,
      ["PUT", "/orders/1", true] as const,
    ],
    ...[["GET", "/orders", false] as const, ["DELETE", "/orders/1", false] as const],
    ...[["POST", "/batch_cancel_orders", false] as const, ["POST", "/dual_mode", false] as const],
  ])("of %s %s have a deadline: %s", async (method, path, hasDeadline) => {
    const signed = await auth.restAuthenticate({ method, url: `https://host${PATH}${path}`, headers: {} });
    expect(signed.headers["x-gate-exptime"]).toBe(hasDeadline ? String(Number(TIME) * 1_000 + 5_000) : undefined);
  });
});

describe("answers", () => {
  const setting = { method: "POST", path: `${PATH}/positions/BTC_USDT/leverage` } as const;

  it("of a setting that is so already are a success, and those of an amend a refusal", () => {
    const noChange = json(400, { label: "NO_CHANGE", message: "its words" });
    expect(unwrapResponse(noChange, setting)).toBeUndefined();
    expect(unwrapResponse(noChange, { method: "POST", path: `${PATH}/dual_mode` })).toBeUndefined();
    expect(() => unwrapResponse(noChange, { method: "PUT", path: `${PATH}/orders/1` })).toThrow("NO_CHANGE");
  });

  it("that do not find an order prove it where they have a label alone", () => {
    expect(isOrderNotFound(errorOf({ status: 404, label: "ORDER_NOT_FOUND", text: "" }))).toBe(true);
    const ofProxy = errorOf({ status: 404, text: "<html>not found" });
    expect(ofProxy).toBeInstanceOf(NotFoundError);
    expect([isOrderNotFound(ofProxy), ofProxy.outcome]).toEqual([false, "unknown"]);
  });

  it("of another user than the credentials name are refused", async () => {
    const context = contextOf(() => ({
      ...{ user: 2_000, currency: "USDT", total: "1", available: "1", position_mode: "single" },
    }));
    const asked = derivative.fetchBalances({
      ...context,
      markets: { ...context.markets, account: { userId: "1000" } },
    });
    await expect(asked).rejects.toThrow(AuthError);
    await expect(asked).rejects.toMatchObject({ code: "USER_ID_MISMATCH" });
  });
});

describe("what the venue is", () => {
  it("asks for sizes as text, on requests and on handshakes", () => {
    const utils = createWebUtils({ domain: "gate_io_perpetual" });
    expect(utils.headers).toEqual({ "X-Gate-Size-Decimal": "1" });
    expect(utils.webSocketHeaders).toEqual({ "X-Gate-Size-Decimal": "1" });
  });

  it("says for how long an order can be asked for", () => {
    const { manifest } = venueModule;
    expect(manifest.clientOrderId).toMatchObject({ isQueryable: true, queryableForMs: 600_000 });
    expect(manifest.forgetsAfterCreation?.unfilledMs).toBe(600_000);
  });

  it("joins books over REST, within the level that is subscribed, and takes whole frames as snapshots", () => {
    const { continuity } = venueModule.manifest;
    expect(continuity).toMatchObject({ style: "contiguous", snapshotSource: "rest", depth: 100, follows: "window" });
    const result = { t: NOW, s: "BTC_USDT", U: 1, u: 1, full: true, b: [], a: [] };
    const message = { channel: "futures.order_book_update", event: "update", result };
    expect(orderBookDataSource.channelOriginatingMessage(message)).toBe("orderBookSnapshot");
  });

  it("opens connections anew where the server says that it will be replaced", () => {
    const message = { channel: "futures.system", event: "update", result: { type: "upgrade" } };
    expect(orderBookDataSource.channelOriginatingMessage(message)).toBe("reconnect");
    expect(userStreamDataSource.channelOriginatingMessage(message)).toBe("reconnect");
  });

  it("leaves trades out that it made with itself", () => {
    const trade = { id: 1, contract: "BTC_USDT", size: "-3", price: "60000", create_time: 1, create_time_ms: NOW };
    const result = [trade, { ...trade, id: 2, is_internal: true }];
    const told = orderBookDataSource.parseTradeMessage(markets, { channel: "futures.trades", event: "update", result });
    expect(told.map(({ tradeId, side }) => [tradeId, side])).toEqual([["1", "sell"]]);
  });
});
