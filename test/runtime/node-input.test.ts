import { PassThrough } from "node:stream";
import { describe, expect, it, vi } from "vitest";
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
  const scene = { prompts: "", interrupts: 0, onPrompt: () => {}, onInterrupt: () => {}, onContinue: () => {} };
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
    onContinue: (listener) => {
      scene.onContinue = listener;
      return () => {
        scene.onContinue = () => {};
      };
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
  it("shows the prompt of a secret and nothing of what is typed, and gets its mode back at the end", async () => {
    const input = new FakeTerminal();
    const scene = reader(input);
    const secret = scene.readSecret("password: ");
    input.write("hunter3\u007f2\r");
    expect(await secret).toBe("hunter2");
    expect(scene.prompts).toBe("password: \n");
    expect(input.rawModes).toEqual([true]);
    await scene.endInput();
    expect(input.rawModes).toEqual([true, false]);
    expect(input.isPaused()).toBe(true);
  });

  it("takes lines that are pasted together for the answers to the questions that follow", async () => {
    const input = new FakeTerminal();
    const scene = reader(input);
    const first = scene.readSecret("key: ");
    input.write("the-key\rthe-secret\r\nthe-pass");
    expect([await first, await scene.readSecret("secret: ")]).toEqual(["the-key", "the-secret"]);
    const third = scene.readSecret("passphrase: ");
    input.write("phrase\n");
    expect(await third).toBe("the-passphrase");
    expect(scene.prompts).toBe("key: \nsecret: \npassphrase: \n");
  });

  it("forgets what was typed and not asked for, before the next question and before the end", async () => {
    const input = new FakeTerminal();
    const scene = reader(input);
    const first = scene.readSecret("password: ");
    input.write("wrong\rthe-key\rthe-");
    await first;
    const dropped = scene.dropTyped();
    input.write("secret\r");
    await dropped;
    const again = scene.readSecret("password: ");
    input.write("right\rthe-key\rthe-secret\r");
    expect(await again).toBe("right");
    await scene.endInput();
    expect(input.read()).toBeNull();
    expect(scene.prompts).not.toContain("the-");
  });

  it("shows what is typed at an open question after a secret", async () => {
    const input = new FakeTerminal();
    const scene = reader(input);
    const secret = scene.readSecret("password: ");
    input.write("hunter2\r");
    await secret;
    const answer = scene.readLine("Type yes: ");
    input.write("yes\r");
    expect(await answer).toBe("yes");
    expect(scene.prompts).toContain("Type yes: ");
    expect(scene.prompts).toContain("yes\r\n");
    expect(scene.prompts).not.toContain("hunter2");
    const last = scene.readSecret("again: ");
    input.write("hunter3\r");
    expect(await last).toBe("hunter3");
    expect(scene.prompts).not.toContain("hunter3");
  });

  it("takes a secret that was typed after an open question and before its own", async () => {
    const input = new FakeTerminal();
    const scene = reader(input);
    const answer = scene.readLine("Type yes: ");
    input.write("yes\nhunter2\n");
    expect([await answer, await scene.readSecret("password: ")]).toEqual(["yes", "hunter2"]);
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
    await scene.endInput();
    expect(input.rawModes).toEqual([true, false]);
  });

  it("makes Ctrl-C between two secrets a SIGINT as well", async () => {
    const input = new FakeTerminal();
    const scene = reader(input);
    const secret = scene.readSecret("password: ");
    input.write("hunter2\r");
    await secret;
    const interrupted = new Promise<void>((resolve) => {
      scene.onInterrupt = resolve;
    });
    input.write("\u0003");
    await interrupted;
    expect(scene.interrupts).toBe(1);
  });

  it("does not show the rest of a secret after the process was stopped and goes on, and asks again", async () => {
    const input = new FakeTerminal();
    const scene = reader(input);
    const secret = scene.readSecret("password: ");
    input.write("hun");
    scene.onContinue();
    // Node sets no mode that it has set before, and a shell has set another one meanwhile.
    expect(input.rawModes).toEqual([true, false, true]);
    expect(scene.prompts).toBe("password: password: ");
    input.write("ter2\r");
    expect(await secret).toBe("hunter2");
    await scene.endInput();
    scene.onContinue();
    expect(input.rawModes).toEqual([true, false, true, false]);
  });

  it.skipIf(process.platform === "win32")("goes on to be read after Ctrl-Z and `fg`", async () => {
    const input = new FakeTerminal();
    const scene = reader(input);
    const secret = scene.readSecret("password: ");
    const stopped = new Promise<void>((resolve) => {
      vi.spyOn(process, "kill").mockImplementation(() => {
        resolve();
        return true;
      });
    });
    input.write("hun\u001a");
    await stopped;
    process.emit("SIGCONT");
    input.write("ter2\r");
    expect(await secret).toBe("hunter2");
    vi.restoreAllMocks();
    await scene.endInput();
  });

  it("gives no secret at Ctrl-D", async () => {
    const input = new FakeTerminal();
    const scene = reader(input);
    const secret = scene.readSecret("password: ");
    input.write("\u0004");
    expect(await secret).toBeUndefined();
    expect(await scene.readSecret("again: ")).toBeUndefined();
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
