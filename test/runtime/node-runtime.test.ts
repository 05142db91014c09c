import { fileURLToPath } from "node:url";
import { describe, expect, onTestFinished, test, vi } from "vitest";
import { createNodeProcess } from "../../src/runtime/node-process.ts";
import { nodeRuntime } from "../../src/runtime/node-runtime.ts";

const fixture = (name: string): string => fileURLToPath(new URL(`fixtures/${name}`, import.meta.url));

async function outputOf(script: string, args: readonly string[] = []) {
  const child = createNodeProcess().spawnNode(fixture(script), args);
  const lines: string[] = [];
  for await (const line of child.lines()) lines.push(line);
  return { lines, end: await child.ended };
}

describe("the real clock and timers", () => {
  const runtime = nodeRuntime();

  test("agree with the wall clock, with a fraction", () => {
    expect(Math.abs(runtime.clock.now() - Date.now())).toBeLessThan(60);
    const readings = Array.from({ length: 20 }, () => runtime.clock.now());
    expect(readings.some((reading) => !Number.isInteger(reading))).toBe(true);
  });

  test("do not fire at once when the delay is longer than setTimeout can hold", async () => {
    let hasFired = false;
    const timer = runtime.timers.after(2 ** 31, () => {
      hasFired = true;
    });
    await runtime.timers.sleep(5);
    timer.cancel();
    expect(hasFired).toBe(false);
  });
});

describe("the real process", () => {
  test("ends by itself once everything is closed", async () => {
    const { lines, end } = await outputOf("idle-exit.ts");
    expect(lines).toEqual(["closed"]);
    expect(end).toEqual({ code: 0, signal: undefined });
  });

  test("loads no network library, server or database before its first use", async () => {
    const { lines } = await outputOf("loaded-modules.ts");
    const loaded = JSON.parse(lines[0] ?? "[]") as string[];
    expect(loaded.some((specifier) => specifier.endsWith("node-http.ts"))).toBe(true);
    expect(loaded.filter((specifier) => /^(undici|ws|node:sqlite)$/.test(specifier))).toEqual([]);
  });

  test("passes arguments and environment on, but no keys, reads lines, and sees a signal handled", async () => {
    vi.stubEnv("PERPWIRE_PASSWORD", "correct horse");
    vi.stubEnv("BYBIT_PERPETUAL_API_SECRET", "s3cr3t");
    vi.stubEnv("AWS_SECRET_ACCESS_KEY", "s3cr3t");
    onTestFinished(() => void vi.unstubAllEnvs());
    const child = createNodeProcess().spawnNode(fixture("echo-process.ts"), ["a", "b c"], {
      environment: { WORD: "hello" },
    });
    const lines: string[] = [];
    for await (const line of child.lines()) {
      lines.push(line);
      if (lines.length === 1) child.kill("SIGTERM");
    }
    expect(JSON.parse(lines[0] ?? "")).toEqual({
      args: ["a", "b c"],
      environment: { PATH: process.env.PATH, WORD: "hello" },
      columns: 80,
    });
    expect(lines[1]).toBe("SIGTERM");
    expect(await child.ended).toEqual({ code: 7, signal: undefined });
    child.kill();
  });

  test("gives a child no input, unless it is detached", async () => {
    expect(await outputOf("wait-for-input.ts")).toEqual({
      lines: ["waiting", "input ended"],
      end: { code: 0, signal: undefined },
    });
  });

  test("detaches a child: a process group of its own, and an input that stays open until it is stopped", async () => {
    const child = createNodeProcess().spawnNode(fixture("wait-for-input.ts"), [], { detached: true });
    const lines: string[] = [];
    for await (const line of child.lines()) {
      lines.push(line);
      if (line === "waiting") {
        // Signal 0 to a group succeeds only where there is one with this leader.
        expect(() => process.kill(-(child.id ?? 0), 0)).not.toThrow();
        child.kill("SIGTERM");
      }
    }
    expect(lines).toEqual(["waiting", "stopped"]);
    expect(await child.ended).toEqual({ code: 0, signal: undefined });
  });

  test("hears a signal once that comes twice at the same time, as Ctrl-C does under npm", async () => {
    expect((await outputOf("repeat-signal.ts")).lines).toEqual(["SIGINT", "SIGTERM"]);
  });
});
