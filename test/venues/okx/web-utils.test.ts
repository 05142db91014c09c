import { describe, expect, it } from "vitest";
import { AuthError, ConfigError, ProtocolError } from "../../../src/model/error.ts";
import { PASSPHRASE } from "../../../src/net/auth.ts";
import { createOkxAuth } from "../../../src/venues/okx/auth.ts";
import { venueModule } from "../../../src/venues/okx/derivative.ts";
import { createWebUtils, unwrapResponse } from "../../../src/venues/okx/web-utils.ts";

const unwrap = (body: unknown, path: string, status = 200) =>
  unwrapResponse({ status, headers: {}, text: typeof body === "string" ? body : JSON.stringify(body) }, { path });
const row = (sCode: string) => ({ ordId: "1", clOrdId: "pw1", ts: "1", sCode, sMsg: "its words" });

describe("answers", () => {
  it("of one order fail with the code of their row", () => {
    const failed = { code: "1", msg: "All operations failed", data: [row("51121")] };
    expect(() => unwrap(failed, "/api/v5/trade/order")).toThrow("OKX answered 51121: its words");
  });

  it("of a batch keep every row, also where some failed or all", () => {
    for (const code of ["0", "1", "2"]) {
      const data = [row("0"), row("51008")];
      expect(unwrap({ code, msg: "", data }, "/api/v5/trade/batch-orders")).toEqual(data);
    }
  });

  it("of a batch that was refused whole are that refusal", () => {
    const refused = { code: "50011", msg: "Too Many Requests", data: [] };
    expect(() => unwrap(refused, "/api/v5/trade/batch-orders", 429)).toThrow("OKX answered 50011");
  });

  it("that are no JSON, or say nothing, are unknown outcomes", () => {
    expect(() => unwrap("<html>", "/", 200)).toThrow(ProtocolError);
    expect(() => unwrap({ data: [] }, "/", 200)).toThrow(ProtocolError);
    expect(() => unwrap("<html>bad gateway", "/", 502)).toThrow(/HTTP 502/);
  });
});

describe("domains", () => {
  it("differ by a header and by the streams' host", () => {
    const real = createWebUtils({ domain: "okx_perpetual" });
    const demo = createWebUtils({ domain: "okx_perpetual_demo" });
    expect([real.headers, demo.headers]).toEqual([undefined, { "x-simulated-trading": "1" }]);
    expect(demo.webSocketUrls).toEqual({
      public: "wss://wspap.okx.com:8443/ws/v5/public",
      private: "wss://wspap.okx.com:8443/ws/v5/private",
    });
    expect(() => createWebUtils({ domain: "okx_perpetual_testnet" })).toThrow(ConfigError);
  });
});

describe("credentials", () => {
  it("without a passphrase are refused before anything is sent, and say what to give", () => {
    const make = () => createOkxAuth({ apiKey: "k", apiSecret: "s" }, { now: () => 0 });
    expect(make).toThrow(AuthError);
    expect(venueModule.manifest.credentials).toContain(PASSPHRASE);
  });
});
