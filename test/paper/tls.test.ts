import { X509Certificate } from "node:crypto";
import { request } from "node:https";
import { afterEach, beforeEach, describe, expect, test } from "vitest";
import { WebSocket } from "ws";
import { createPaperVenue, type PaperVenue, selfSignedIdentity } from "../../src/paper/index.ts";
import { fingerprintOf } from "../../src/runtime/certificate.ts";
import { nodeRuntime } from "../../src/runtime/node-runtime.ts";

const HOSTS = ["localhost", "127.0.0.1", "::1", "2001:db8::7:0", "box.example"];
const identity = selfSignedIdentity(HOSTS, Date.now());
const certificate = new X509Certificate(identity.certificate);

describe("a certificate of one's own", () => {
  test("is for the names and addresses that it was made for, and for no others", () => {
    expect(certificate.checkHost("localhost")).toBe("localhost");
    expect(certificate.checkHost("box.example")).toBe("box.example");
    expect(certificate.checkHost("other.example")).toBeUndefined();
    for (const address of ["127.0.0.1", "::1", "2001:db8::7:0"]) expect(certificate.checkIP(address)).toBe(address);
    expect(certificate.checkIP("127.0.0.2")).toBeUndefined();
  });

  test("is signed by its own key, is an authority, and holds for two years from yesterday on", () => {
    expect(certificate.verify(certificate.publicKey)).toBe(true);
    expect(certificate.ca).toBe(true);
    expect(certificate.subject).toBe(certificate.issuer);
    const days = (Date.parse(certificate.validTo) - Date.now()) / 86_400_000;
    expect(days).toBeGreaterThan(800);
    expect(days).toBeLessThan(825);
    expect(Date.parse(certificate.validFrom)).toBeLessThan(Date.now());
  });

  test("has the fingerprint that others show, and a new key and number each time", () => {
    expect(fingerprintOf(identity.certificate)).toBe(certificate.fingerprint256);
    const other = new X509Certificate(selfSignedIdentity(HOSTS, Date.now()).certificate);
    expect(other.serialNumber).not.toBe(certificate.serialNumber);
    expect(other.fingerprint256).not.toBe(certificate.fingerprint256);
  });
});

describe("a venue with a certificate", () => {
  let venue: PaperVenue;
  beforeEach(async () => {
    const options = { api: "all", seed: 1, emptyBooks: true, tls: identity } as const;
    venue = await createPaperVenue(options, nodeRuntime());
  });
  afterEach(() => venue.stop());

  const get = (url: string, ca: string | undefined) =>
    new Promise<number | undefined>((resolve, reject) => {
      const sent = request(url, { ...(ca === undefined ? {} : { ca }) }, (response) => {
        response.resume();
        resolve(response.statusCode);
      });
      sent.on("error", reject);
      sent.end();
    });

  test("speaks https and wss to clients that trust it, on every protocol and on the control API", async () => {
    const { ftx, bybit, binance, okx } = venue.urls;
    expect(await get(`${ftx?.rest}/markets`, identity.certificate)).toBe(200);
    expect(await get(`${bybit?.rest}/v5/market/time`, identity.certificate)).toBe(200);
    expect(await get(`${binance?.rest}/fapi/v1/ping`, identity.certificate)).toBe(200);
    expect(await get(`${okx?.rest}/api/v5/public/time`, identity.certificate)).toBe(200);
    expect(await get(`${venue.control}/clock`, identity.certificate)).toBe(401);
    for (const url of [ftx?.ws, `${bybit?.ws}/v5/public/linear`, `${okx?.ws}/ws/v5/public`]) {
      const socket = new WebSocket(String(url), { ca: identity.certificate });
      await new Promise((resolve, reject) => socket.on("open", resolve).on("error", reject));
      socket.terminate();
    }
  });

  test("is refused by clients that do not trust it, and answers nobody in the clear", async () => {
    await expect(get(`${venue.urls.ftx?.rest}/markets`, undefined)).rejects.toMatchObject({
      code: expect.stringMatching(/SELF_SIGNED/),
    });
    await expect(fetch(`http://127.0.0.1:${venue.port}/api/markets`)).rejects.toThrow();
  });
});
