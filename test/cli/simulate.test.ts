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
});
