import { describe, expect, it } from "vitest";
import { isTrustedHost } from "../../src/paper/control-host.ts";
import { startVenue } from "./ftx-harness.ts";

describe("the host of a control request", () => {
  it.each(["localhost", "LOCALHOST:8080", "127.0.0.1:1", "127.9.9.9", "[::1]:8080", "box.localhost", "desk:80"])(
    "%s is one of ours",
    (host) => expect(isTrustedHost(host, ["0.0.0.0", "desk"])).toBe(true),
  );

  it.each([undefined, "", "evil.example", "localhost.evil.example", "127.0.0.1.evil.example:80", "10.0.0.1", "desk.x"])(
    "%s is none of ours",
    (host) => expect(isTrustedHost(host, ["0.0.0.0", "desk"])).toBe(false),
  );

  it("decides before the key, and trading goes on under any name", async () => {
    const { world, runtime, venue } = await startVenue({ quiet: true, controlHosts: ["desk"] });
    const ask = (url: string, host: string) => {
      const headers = { host, "paper-key": venue.apiKey };
      return world.run(runtime.http.request({ method: "GET", url, headers, timeoutMs: 5_000 }));
    };
    expect((await ask(`${venue.control}/clock`, "evil.example:80")).status).toBe(403);
    expect((await ask(`${venue.control}/clock`, "desk:80")).status).toBe(200);
    expect((await ask(`${venue.control}/clock`, `${venue.host}:${venue.port}`)).status).toBe(200);
    expect((await ask(`${venue.rest}/markets`, "evil.example:80")).status).toBe(200);
    await venue.stop();
  });
});
