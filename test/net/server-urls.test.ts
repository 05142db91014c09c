import { describe, expect, it } from "vitest";
import type { ConfigError } from "../../src/model/error.ts";
import { checkServerUrls, originOf, type ServerUrls } from "../../src/net/server-urls.ts";

function refusal(urls: ServerUrls, insecureUrls = false): ConfigError | undefined {
  try {
    checkServerUrls(urls, insecureUrls);
    return undefined;
  } catch (error) {
    return error as ConfigError;
  }
}

describe("URLs of servers that a user names", () => {
  it.each([
    "http://127.0.0.1:8080/api",
    "http://127.255.3.4",
    "http://2130706433/",
    "http://[::1]:80/",
    "http://LOCALHOST/api",
    "https://api.example.com",
  ])("are taken when they are encrypted or stay on this machine: %s", (restUrl) => {
    expect(refusal({ restUrl })).toBeUndefined();
  });

  it.each([
    "http://api.example.com",
    "http://localhost.example.com/",
    "http://127.0.0.1.example.com",
    "http://127.example.com",
    "http://128.0.0.1",
    "http://10.0.0.1",
    "http://0.0.0.0",
    "http://[::ffff:7f00:1]",
    "http://127.0.0.1%2eexample.com",
  ])("are refused when they are not encrypted and leave this machine: %s", (restUrl) => {
    const error = refusal({ restUrl });
    expect(error).toMatchObject({ name: "ConfigError", code: "INSECURE_URL" });
    expect(error?.hint).toContain("insecureUrls (--insecure-urls)");
    expect(refusal({ restUrl }, true)).toBeUndefined();
    const webSocketUrl = restUrl.replace("http", "ws");
    expect(refusal({ webSocketUrl })).toMatchObject({ code: "INSECURE_URL" });
    expect(refusal({ webSocketUrl: webSocketUrl.replace("ws", "wss") })).toBeUndefined();
  });

  it.each([
    "http://127.0.0.1\\@example.com/",
    "http://127.0.0.1\t.example.com/",
    "http://127.0.0.1\n.example.com/",
    " https://example.com",
    "https:example.com",
    "https:/example.com",
    "https:///example.com",
    "https://example.com:",
    "ftp://example.com",
    "example.com",
  ])("are refused when they are not what they look like: %j", (restUrl) => {
    expect(refusal({ restUrl }, true)?.message).toMatch(/^the REST URL ".*" is not one$/s);
  });

  it.each(["https://example.com/api?token=s3cr3t", "https://example.com/#s3cr3t", "https://example.com#"])(
    "are refused when a request's path would end up in a query or be left out: %s",
    (restUrl) => {
      const error = refusal({ restUrl }, true);
      expect(error?.message).toBe("the REST URL https://example.com has a query or a fragment");
    },
  );

  it.each([
    "https://user:s3cr3t@example.com/",
    "https://s3cr3t@example.com/",
    "https://api.example.com:s3cr3t@example.net/",
    "https://user:s3cr3t/s3cr3t@example.com",
    "user:s3cr3t@example.com",
    "http://user:s3cr3t@127.0.0.1:1",
    "https//example.com?token=s3cr3t",
  ])("are refused with a password in them, which no message shows: %s", (restUrl) => {
    for (const insecureUrls of [false, true]) {
      const error = refusal({ restUrl }, insecureUrls);
      expect(error).toMatchObject({ name: "ConfigError" });
      expect(`${error?.message} ${error?.hint} ${error?.stack}`).not.toContain("s3cr3t");
    }
  });

  it("are shown so that a letter of another alphabet is seen", () => {
    expect(originOf("https://\u0430pi.example.com:8443/path?x=1")).toBe("https://xn--pi-6kc.example.com:8443");
  });
});
