import { describe, expect, test } from "vitest";
import { ProtocolError } from "../../src/model/error.ts";
import { type Page, readPages } from "../../src/net/pages.ts";

const list = { venue: "somewhere", what: "GET /rows" };

/** A list whose pages follow one another; asked for beyond the last it fails. */
function listOf(pages: readonly (readonly unknown[])[], nextOf = (index: number) => index) {
  let asked = 0;
  const ask = async (next = 0): Promise<Page<number>> => {
    asked += 1;
    expect(asked).toBeLessThan(50);
    const rows = pages[Math.min(next, pages.length - 1)] ?? [];
    return { rows, nextOf: () => (next + 1 < pages.length ? nextOf(next + 1) : undefined) };
  };
  return readPages({ ...list, ask });
}

describe("pages of a list", () => {
  test("are read to the last, each row once, in their order", async () => {
    expect(await listOf([[{ id: 1 }, { id: 2 }], [{ id: 2 }, { id: 3 }], []])).toEqual([
      { id: 1 },
      { id: 2 },
      { id: 3 },
    ]);
  });

  test("are read whole where a row of one is nested too deep to be written", async () => {
    const deep: unknown = JSON.parse(`${"[".repeat(50_000)}${"]".repeat(50_000)}`);
    expect(await listOf([[{ id: 1 }, deep], [{ id: 2 }], []])).toEqual([{ id: 1 }, deep, { id: 2 }]);
  });

  test("may be the end of the one before once, but not for ever", async () => {
    expect(await listOf([[{ id: 1 }], [{ id: 1 }], [{ id: 2 }]])).toEqual([{ id: 1 }, { id: 2 }]);
    const endless = listOf(Array.from({ length: 40 }, () => [{ id: 1 }]));
    await expect(endless).rejects.toThrow(ProtocolError);
    await expect(endless).rejects.toThrow(/GET \/rows of somewhere gives the same page again/);
  });
});
