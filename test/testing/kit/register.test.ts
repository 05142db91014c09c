import { describe, expect, it } from "vitest";
import { createKit } from "../../../src/testing/kit/register.ts";
import type { TestRunner } from "../../../src/testing/kit/runner.ts";
import { ftxFixtures } from "../../venues/ftx/fixtures.ts";

/** What a runner is told, in order. */
function recordingRunner() {
  const told: string[] = [];
  let depth = 0;
  const tell = (text: string) => told.push(`${"  ".repeat(depth)}${text}`);
  const runner: TestRunner = {
    describe(name, body) {
      tell(name);
      depth += 1;
      body();
      depth -= 1;
    },
    it: Object.assign((name: string) => void tell(name), { todo: (name: string) => void tell(`to do: ${name}`) }),
  };
  return { runner, told };
}

describe("what the kit registers", () => {
  it("has no suite without a test, because some runners take one for a mistake", () => {
    const { runner, told } = recordingRunner();
    const kit = createKit(ftxFixtures, runner);
    const nothing = () => undefined;
    kit.describe("venue", () => {
      kit.describe("empty", () => kit.describe("emptier", nothing));
      kit.pure("first", [], nothing);
      kit.describe("full", () => {
        kit.pure("not offered", ["serverTime"], nothing);
        kit.pure("second", [], nothing);
      });
    });
    kit.describe("alone", nothing);
    expect(told).toEqual(["venue", "  first", "  full", "    second"]);
  });
});
