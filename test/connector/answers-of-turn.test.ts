import { describe, expect, it } from "vitest";
import { AnswersOfTurn } from "../../src/connector/answers-of-turn.ts";
import { SimulatedWorld } from "../../src/runtime/simulated.ts";

function scene() {
  const world = new SimulatedWorld({ seed: 1 });
  const done: string[] = [];
  const inUnit = (work: () => void): void => {
    done.push("begin");
    work();
    done.push("on disk");
  };
  const { timers } = world.runtime("bot");
  return { world, done, inUnit, timers, answers: new AnswersOfTurn(timers, inUnit) };
}

describe("the answers of one turn", () => {
  it("are handled together at its end, in their order, and told when they are on disk", async () => {
    const { world, done, answers } = scene();
    for (const name of ["a", "b"]) void answers.handle(() => done.push(name)).then(() => done.push(`${name} is told`));
    expect(done).toEqual([]);
    await world.advance(0);
    expect(done).toEqual(["begin", "a", "b", "on disk", "a is told", "b is told"]);
    await world.run(answers.handle(() => done.push("c")));
    expect(done.slice(6)).toEqual(["begin", "c", "on disk"]);
  });

  it("fail alone", async () => {
    const { world, done, answers } = scene();
    const failed = answers.handle(() => {
      throw new RangeError("no answer of ours");
    });
    const caught = failed.catch((error: unknown) => done.push(String(error)));
    await world.run(Promise.all([caught, answers.handle(() => done.push("b"))]));
    expect(done).toEqual(["begin", "b", "on disk", "RangeError: no answer of ours"]);
  });

  it("hear of it when their unit cannot end, and the program goes on", async () => {
    const { world, timers } = scene();
    const answers = new AnswersOfTurn(timers, (work) => {
      work();
      throw new RangeError("no unit");
    });
    const told: string[] = [];
    const handled = ["a", "b"].map((name) =>
      answers.handle(() => told.push(name)).catch((error: unknown) => told.push(`${name}: ${error}`)),
    );
    await world.run(Promise.all(handled));
    expect(told).toEqual(["a", "b", "a: RangeError: no unit", "b: RangeError: no unit"]);
  });

  it("are handled at once where the runtime knows no end of a turn", () => {
    const { done, inUnit } = scene();
    void new AnswersOfTurn({}, inUnit).handle(() => done.push("a"));
    expect(done).toEqual(["begin", "a", "on disk"]);
  });
});
