import { describe, expect, it } from "vitest";
import { TypedEmitter } from "../../src/model/typed-emitter.ts";

interface Events {
  fill: { readonly id: number };
}

function open() {
  const failures: string[] = [];
  const emitter = new TypedEmitter<Events>((error, name) => failures.push(`${name}: ${String(error)}`));
  return { emitter, failures };
}

describe("an emitter", () => {
  it("reports a listener that throws, and the others hear the event", () => {
    const { emitter, failures } = open();
    const heard: number[] = [];
    emitter.on("fill", () => {
      throw new Error("bug");
    });
    emitter.on("fill", ({ id }) => heard.push(id));
    emitter.emit("fill", { id: 1 });
    expect(heard).toEqual([1]);
    expect(failures).toEqual(["fill: Error: bug"]);
  });

  it("reports a listener whose promise rejects, also one that listens once", async () => {
    const { emitter, failures } = open();
    emitter.on("fill", async () => {
      throw new Error("late bug");
    });
    emitter.once("fill", () => Promise.reject(new Error("once")));
    emitter.emit("fill", { id: 1 });
    await new Promise(setImmediate);
    expect(failures.toSorted()).toEqual(["fill: Error: late bug", "fill: Error: once"]);
  });

  it("calls a function that was given twice twice, and each remover removes one", () => {
    const { emitter } = open();
    const heard: number[] = [];
    const listener = ({ id }: Events["fill"]) => heard.push(id);
    const remove = emitter.on("fill", listener);
    emitter.on("fill", listener);
    emitter.emit("fill", { id: 1 });
    remove();
    emitter.emit("fill", { id: 2 });
    expect(heard).toEqual([1, 1, 2]);
  });

  it("knows whether anybody listens", () => {
    const { emitter } = open();
    expect(emitter.hasListeners("fill")).toBe(false);
    const remove = emitter.on("fill", () => undefined);
    expect(emitter.hasListeners("fill")).toBe(true);
    remove();
    expect(emitter.hasListeners("fill")).toBe(false);
  });
});
