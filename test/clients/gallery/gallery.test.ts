import { readFileSync } from "node:fs";
import { expect, it } from "vitest";
import { GALLERY } from "../../../src/simulation/gallery/index.ts";
import { sharedOrderId } from "./account.ts";
import { BOUTS, PEER_VERSION } from "./bouts.ts";
import { Ring } from "./peer.ts";

const PAGE = readFileSync(new URL("../../../docs/gallery.md", import.meta.url), "utf8");

it("has a part of the page for this version of the peer, with every scenario that is played and every protocol", () => {
  expect(PAGE).toContain(`against \`ccxt\` ${PEER_VERSION}`);
  for (const { name, protocols } of BOUTS) {
    expect(GALLERY.map((scenario) => scenario.name)).toContain(name);
    for (const protocol of protocols) expect(PAGE).toContain(`| \`${name}\` | ${protocol} |`);
  }
});

it("plays a scenario against the peer and gives figures that the page has", async () => {
  const ring = await Ring.open(sharedOrderId, "binance");
  try {
    for (const { what, seen, wanted, holds } of await sharedOrderId.play(ring)) {
      expect(PAGE).toContain(
        `| \`shared-order-id\` | binance | ${what} | ${seen} | ${wanted} | ${holds ? "yes" : "**no**"} |`,
      );
    }
  } finally {
    await ring.close();
  }
});
