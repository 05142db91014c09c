import { describe, expect, it } from "vitest";
import { CatchUp } from "../../src/connector/catch-up.ts";

function scene(answers: Readonly<Record<string, (catchUp: CatchUp) => void>> = {}) {
  const asked: string[] = [];
  const question = (name: string) => async () => {
    asked.push(name);
    await Promise.resolve();
    answers[name]?.(catchUp);
  };
  const catchUp: CatchUp = new CatchUp(["orders", "fills", "positions"].map(question));
  const { signal } = new AbortController();
  return { catchUp, asked, rest: () => catchUp.rest(signal), all: () => catchUp.all(signal) };
}

describe("a catch-up", () => {
  it("is done when every question was answered, and no more after a gap", async () => {
    const { catchUp, asked, rest } = scene();
    expect(catchUp.isDone).toBe(false);
    await rest();
    expect([catchUp.isDone, asked]).toEqual([true, ["orders", "fills", "positions"]]);
    catchUp.noteGap();
    expect(catchUp.isDone).toBe(false);
  });

  it("asks again only what was asked before the last gap", async () => {
    let hasGap = true;
    const { catchUp, asked, rest } = scene({
      fills: (own) => {
        if (hasGap) own.noteGap();
        hasGap = false;
      },
    });
    await rest();
    // Orders and fills were asked for before it; positions were not.
    expect([catchUp.isDone, asked.splice(0)]).toEqual([false, ["orders", "fills", "positions"]]);
    await rest();
    expect([catchUp.isDone, asked]).toEqual([true, ["orders", "fills"]]);
  });

  it("keeps what was answered when another question fails, and then asks that one only", async () => {
    let isDown = true;
    const { catchUp, asked, rest } = scene({
      fills: () => {
        if (isDown) throw new Error("the venue is down");
      },
    });
    await expect(rest()).rejects.toThrow("the venue is down");
    expect([catchUp.isDone, asked.splice(0)]).toEqual([false, ["orders", "fills", "positions"]]);
    isDown = false;
    await rest();
    expect([catchUp.isDone, asked]).toEqual([true, ["fills"]]);
  });

  it("asks everything when everything is wanted, whatever was answered", async () => {
    const { asked, rest, all } = scene();
    await rest();
    await all();
    expect(asked).toEqual(["orders", "fills", "positions", "orders", "fills", "positions"]);
  });
});
