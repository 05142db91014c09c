import { PassThrough } from "node:stream";
import { describe, expect, it } from "vitest";
import { createNodeInput } from "../../src/runtime/node-input.ts";

/** Raw mode is all that readline asks of a terminal. */
class FakeTerminal extends PassThrough {
  readonly isTTY = true;
  readonly rawModes: boolean[] = [];
  setRawMode(mode: boolean): this {
    this.rawModes.push(mode);
    return this;
  }
}

function reader(input: PassThrough) {
  const scene = { prompts: "", interrupts: 0, onPrompt: () => {}, onInterrupt: () => {} };
  const port = createNodeInput({
    input,
    writePrompt: (text) => {
      scene.prompts += text;
      scene.onPrompt();
    },
    interrupt: () => {
      scene.interrupts += 1;
      scene.onInterrupt();
    },
  });
  return Object.assign(scene, port);
}

describe("standard input that is not a terminal", () => {
  it("gives one line for each question, however the bytes are cut", async () => {
    const input = new PassThrough();
    const { readLine, readSecret } = reader(input);
    const bytes = Buffer.from("first\r\nsécond\nthird");
    input.write(bytes.subarray(0, 9));
    expect(await readSecret("a? ")).toBe("first");
    const second = readSecret("b? ");
    input.end(bytes.subarray(9));
    expect(await second).toBe("sécond");
    expect(await readLine("c? ")).toBe("third");
    expect(await readLine("d? ")).toBeUndefined();
  });

  it("is left alone between two questions", async () => {
    const input = new PassThrough();
    const { readLine } = reader(input);
    input.write("one\n");
    await readLine("? ");
    expect(input.isPaused()).toBe(true);
    expect(input.listenerCount("data")).toBe(0);
  });

  it("is given up when the signal fires", async () => {
    const { readLine } = reader(new PassThrough());
    const controller = new AbortController();
    const line = readLine("? ", controller.signal);
    controller.abort();
    expect(await line).toBeUndefined();
  });
});

describe("a terminal", () => {
  it("shows the prompt of a secret and nothing of what is typed, and gets its mode back", async () => {
    const input = new FakeTerminal();
    const scene = reader(input);
    const secret = scene.readSecret("password: ");
    input.write("hunter3\u007f2\r");
    expect(await secret).toBe("hunter2");
    expect(scene.prompts).toBe("password: \n");
    expect(input.rawModes).toEqual([true, false]);
  });

  it("makes Ctrl-C in a secret a SIGINT", async () => {
    const input = new FakeTerminal();
    const scene = reader(input);
    const controller = new AbortController();
    scene.onInterrupt = () => controller.abort();
    const secret = scene.readSecret("password: ", controller.signal);
    input.write("hun\u0003");
    expect(await secret).toBeUndefined();
    expect(scene.interrupts).toBe(1);
    expect(input.rawModes).toEqual([true, false]);
  });

  it("gives no secret at Ctrl-D", async () => {
    const input = new FakeTerminal();
    const secret = reader(input).readSecret("password: ");
    input.write("\u0004");
    expect(await secret).toBeUndefined();
  });

  it("does not show what is typed as soon as the prompt does", async () => {
    const input = new FakeTerminal();
    const scene = reader(input);
    scene.onPrompt = () => {
      if (!scene.prompts.endsWith("\n")) expect(input.rawModes).toEqual([true]);
      input.write("hunter2\r");
    };
    expect(await scene.readSecret("password: ")).toBe("hunter2");
  });
});
