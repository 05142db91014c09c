import { describe, expect, it } from "vitest";
import { main } from "../../src/cli/main.ts";
import { FakeProcess } from "./fake-process.ts";

/** A process whose children end at once. */
class EndingChildren extends FakeProcess {
  readonly #code: number;

  constructor(args: readonly string[], code: number) {
    super([...args]);
    this.#code = code;
  }

  override spawnNode(): ReturnType<FakeProcess["spawnNode"]> {
    const ended = Promise.resolve({ code: this.#code, signal: null });
    return { async *lines() {}, ended, kill: () => true } as unknown as ReturnType<FakeProcess["spawnNode"]>;
  }
}

describe("perpwire simulate", () => {
  it("ends with 2 where its processes could not do what was asked, and with 1 where they failed", async () => {
    for (const code of [2, 1]) {
      const process = new EndingChildren(
        ["simulate", "--venue", "okx", "--trace", "/not/a/folder", "--jobs", "2"],
        code,
      );
      await main({ process });
      expect(process.exitCode).toBe(code);
    }
  });

  const CALM = ["simulate", "--venue", "okx", "--profile", "calm", "--minutes", "0.1", "--jobs", "1", "--shrink"];

  it("says that there is nothing to shrink, and that no book healed", async () => {
    const process = new FakeProcess(CALM);
    await main({ process });
    expect(process.out).toContain("nothing to shrink: no world failed");
    expect(process.out).toContain("no book healed after the last fault");
    expect(process.exitCode).toBe(0);
  });

  it("ends with one line of JSON, with what it shrank to in it", async () => {
    const process = new FakeProcess([...CALM, "--json"]);
    await main({ process });
    expect(process.out.trim().split("\n")).toHaveLength(1);
    expect(JSON.parse(process.out)).toMatchObject({ failed: 0, shrunk: null });
  });
});
