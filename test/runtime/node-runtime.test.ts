import { execFileSync } from "node:child_process";
import {
  chmod,
  lstat,
  mkdir,
  mkdtemp,
  readdir,
  readFile,
  realpath,
  rm,
  stat,
  symlink,
  writeFile,
} from "node:fs/promises";
import { connect, createServer } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { afterEach, beforeEach, describe, expect, onTestFinished, test, vi } from "vitest";
import { JournalError, TransportError } from "../../src/model/error.ts";
import { createNodeProcess } from "../../src/runtime/node-process.ts";
import { nodeRuntime } from "../../src/runtime/node-runtime.ts";
import type { Runtime } from "../../src/runtime/runtime.ts";

const fixture = (name: string): string => fileURLToPath(new URL(`fixtures/${name}`, import.meta.url));

const failureOf = (promise: Promise<unknown>): Promise<unknown> =>
  promise.then(
    () => undefined,
    (error: unknown) => error,
  );

async function outputOf(script: string, args: readonly string[] = []) {
  const child = createNodeProcess().spawnNode(fixture(script), args);
  const lines: string[] = [];
  for await (const line of child.lines()) lines.push(line);
  return { lines, end: await child.ended };
}

let folder = "";
let runtime: Runtime;

beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), "perpwire-"));
  runtime = nodeRuntime();
});

afterEach(async () => {
  await runtime.http.close();
  await rm(folder, { recursive: true, force: true });
});

describe("the real HTTP client", () => {
  const request = (url: string, timeoutMs = 5_000) =>
    failureOf(runtime.http.request({ method: "POST", url, headers: {}, body: "secret", timeoutMs }));

  test("proves that nothing left when TLS fails", async () => {
    const plain = createServer((socket) => socket.on("error", () => {}).on("data", () => socket.end("not TLS\r\n")));
    await new Promise<void>((resolve) => plain.listen(0, "127.0.0.1", resolve));
    const address = plain.address();
    const port = typeof address === "object" ? address?.port : undefined;
    const error = await request(`https://127.0.0.1:${port}/`);
    plain.close();
    expect(error).toBeInstanceOf(TransportError);
    expect(error).toMatchObject({ bytesMayHaveLeft: false, code: "TRANSPORT_CONNECT" });
  });

  test("proves that nothing left when the name does not resolve", async () => {
    expect(await request("http://no-such-host.invalid/")).toMatchObject({ bytesMayHaveLeft: false });
  });

  test("proves that nothing left when it gives up before a connection stands", async () => {
    let received = "";
    const silent = createServer((socket) => {
      socket.on("error", () => {});
      socket.on("data", (chunk) => {
        received += chunk.toString("latin1");
      });
    });
    await new Promise<void>((resolve) => silent.listen(0, "127.0.0.1", resolve));
    const address = silent.address();
    const port = typeof address === "object" ? address?.port : undefined;
    const error = await request(`https://127.0.0.1:${port}/`, 60);
    await runtime.http.close();
    silent.close();
    expect(error).toMatchObject({ bytesMayHaveLeft: false, code: "TRANSPORT_TIMEOUT" });
    expect(received).not.toMatch(/POST|secret/);
  });

  test("refuses a header that would split the request, without sending it", async () => {
    const headers = { "x-key": "a\r\nx-other: b" };
    const url = "http://127.0.0.1:9/";
    const error = await failureOf(runtime.http.request({ method: "GET", url, headers, timeoutMs: 1_000 }));
    expect(error).toMatchObject({ bytesMayHaveLeft: false, code: "TRANSPORT_INVALID" });
  });

  test("does not know what became of a request that was answered by half", async () => {
    const half = createServer((socket) => {
      socket.on("error", () => {});
      socket.on("data", () => {
        socket.write("HTTP/1.1 200 OK\r\ncontent-length: 100\r\n\r\nhalf", () => socket.destroy());
      });
    });
    await new Promise<void>((resolve) => half.listen(0, "127.0.0.1", resolve));
    const address = half.address();
    const port = typeof address === "object" ? address?.port : undefined;
    const error = await request(`http://127.0.0.1:${port}/`);
    half.close();
    expect(error).toMatchObject({ bytesMayHaveLeft: true });
  });

  test("stops reading at 32 MB of a body without end, and ends the connection", async () => {
    const ended = Promise.withResolvers<void>();
    const chunk = Buffer.concat([Buffer.from("100000\r\n"), Buffer.alloc(2 ** 20, "x"), Buffer.from("\r\n")]);
    const endless = createServer((socket) => {
      const write = (): void => {
        if (!socket.destroyed && socket.write(chunk)) setImmediate(write);
      };
      socket.on("error", () => {}).on("drain", write);
      socket.on("close", () => ended.resolve());
      socket.once("data", () => {
        socket.write("HTTP/1.1 200 OK\r\ntransfer-encoding: chunked\r\n\r\n");
        write();
      });
    });
    await new Promise<void>((resolve) => endless.listen(0, "127.0.0.1", resolve));
    const address = endless.address();
    const port = typeof address === "object" ? address?.port : undefined;
    const error = await request(`http://127.0.0.1:${port}/`, 60_000);
    expect(error).toMatchObject({ code: "TRANSPORT_TOO_LARGE", outcome: "unknown" });
    await ended.promise;
    endless.close();
  });

  test("reads nothing of a body that says that it is larger", async () => {
    const large = createServer((socket) => {
      socket.on("error", () => {});
      socket.on("data", () => socket.write("HTTP/1.1 200 OK\r\ncontent-length: 600000000\r\n\r\n"));
    });
    await new Promise<void>((resolve) => large.listen(0, "127.0.0.1", resolve));
    const address = large.address();
    const port = typeof address === "object" ? address?.port : undefined;
    const error = await request(`http://127.0.0.1:${port}/`, 60_000);
    large.close();
    expect(error).toMatchObject({ code: "TRANSPORT_TOO_LARGE", outcome: "unknown" });
  });

  test("ends a body that drips when the request's time is up", async () => {
    const dripping = createServer((socket) => {
      socket.on("error", () => {});
      let timer: NodeJS.Timeout | undefined;
      socket.on("close", () => clearInterval(timer));
      socket.once("data", () => {
        socket.write("HTTP/1.1 200 OK\r\ncontent-length: 1000000\r\n\r\n");
        timer = setInterval(() => socket.write("x"), 5);
      });
    });
    await new Promise<void>((resolve) => dripping.listen(0, "127.0.0.1", resolve));
    const address = dripping.address();
    const port = typeof address === "object" ? address?.port : undefined;
    const error = await request(`http://127.0.0.1:${port}/`, 200);
    dripping.close();
    expect(error).toMatchObject({ code: "TRANSPORT_TIMEOUT", outcome: "unknown" });
  });

  test("joins the values of a repeated header", async () => {
    const twice = createServer((socket) => {
      socket.on("error", () => {});
      socket.on("data", () => {
        socket.end("HTTP/1.1 200 OK\r\nX-Limit: a\r\nX-Limit: b\r\ncontent-length: 0\r\nconnection: close\r\n\r\n");
      });
    });
    await new Promise<void>((resolve) => twice.listen(0, "127.0.0.1", resolve));
    const address = twice.address();
    const port = typeof address === "object" ? address?.port : undefined;
    const url = `http://127.0.0.1:${port}/`;
    const response = await runtime.http.request({ method: "GET", url, headers: {}, timeoutMs: 5_000 });
    twice.close();
    expect(response.headers["x-limit"]).toBe("a, b");
  });
});

describe("the real server", () => {
  test("answers 413 to a body beyond its limit", async () => {
    const onRequest = () => ({ status: 200, body: "" });
    const server = await runtime.server.listen({
      host: "127.0.0.1",
      port: 0,
      onRequest,
      onConnection: () => ({ refuse: 404 }),
    });
    const url = `http://127.0.0.1:${server.port}/`;
    const body = "x".repeat(17 * 2 ** 20);
    const response = await runtime.http.request({ method: "POST", url, headers: {}, body, timeoutMs: 20_000 });
    await server.close();
    expect(response.status).toBe(413);
  });

  test("closes although clients keep their ends open", async () => {
    const arrived = Promise.withResolvers<void>();
    const server = await runtime.server.listen({
      host: "127.0.0.1",
      port: 0,
      onRequest: () => ({ status: 404, body: "" }),
      onConnection() {
        arrived.resolve();
        return { refuse: 403 };
      },
    });
    const open = () => {
      const socket = connect({ port: server.port, host: "127.0.0.1", allowHalfOpen: true });
      socket.on("error", () => {});
      return socket;
    };
    const silent = open();
    await new Promise<void>((resolve) => silent.once("connect", () => resolve()));
    const refused = open();
    refused.write("GET / HTTP/1.1\r\nhost: x\r\nconnection: upgrade\r\nupgrade: websocket\r\n\r\n");
    await arrived.promise;
    await server.close();
    silent.destroy();
    refused.destroy();
  });

  test("ends a WebSocket handshake that is malformed and tells the handlers", async () => {
    const closed = Promise.withResolvers<number>();
    const server = await runtime.server.listen({
      host: "127.0.0.1",
      port: 0,
      onRequest: () => ({ status: 404, body: "" }),
      onConnection: () => ({ onText: () => {}, onClose: (info) => closed.resolve(info.code) }),
    });
    const socket = connect(server.port, "127.0.0.1");
    socket.on("error", () => {});
    socket.write("GET / HTTP/1.1\r\nhost: x\r\nconnection: upgrade\r\nupgrade: websocket\r\n\r\n");
    let answer = "";
    for await (const chunk of socket) answer += String(chunk);
    expect(answer).toMatch(/^HTTP\/1.1 400 /);
    expect(await closed.promise).toBe(1006);
    await server.close();
  });
});

describe("the real WebSocket client", () => {
  test("gives up a handshake that is never answered", async () => {
    const silent = createServer((socket) => socket.on("error", () => {}).resume());
    await new Promise<void>((resolve) => silent.listen(0, "127.0.0.1", resolve));
    const address = silent.address();
    const port = typeof address === "object" ? address?.port : undefined;
    const handlers = { onText: () => {}, onClose: () => {} };
    const connecting = runtime.webSocket.connect(`ws://127.0.0.1:${port}/`, handlers, { handshakeTimeoutMs: 50 });
    expect(await failureOf(connecting)).toMatchObject({ bytesMayHaveLeft: false, code: "TRANSPORT_TIMEOUT" });
    silent.close();
  });
});

describe("the real clock and timers", () => {
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

describe("the real journal", () => {
  test("is locked against another process, and free again when that is killed", async () => {
    const path = join(folder, "journal.db");
    const child = createNodeProcess().spawnNode(fixture("hold-journal.ts"), [path]);
    for await (const line of child.lines()) if (line === "held") break;
    expect(() => runtime.journals.open(path)).toThrow(`the journal ${path} is in use by another process`);
    child.kill("SIGKILL");
    expect(await child.ended).toEqual({ code: undefined, signal: "SIGKILL" });
    const store = runtime.journals.open(path);
    expect(store.get("orders", "a")).toBe("from the other process");
    store.close();
  });

  test("says that this process holds it, whichever path leads to it and whichever runtime opened it", async () => {
    const path = join(folder, "own.db");
    const store = runtime.journals.open(path);
    await symlink(path, join(folder, "link.db"));
    const message = "is in use by this process already";
    for (const name of ["own.db", "link.db"])
      expect(() => nodeRuntime().journals.open(join(folder, name))).toThrow(message);
    store.close();
    const child = createNodeProcess().spawnNode(fixture("hold-journal.ts"), [path]);
    for await (const line of child.lines()) if (line === "held") break;
    expect(() => runtime.journals.open(path)).toThrow(`${path} is in use by another process`);
    child.kill("SIGKILL");
    await child.ended;
  });

  test("is its owner's alone, with the files beside it and the folder that is made for it", async () => {
    const mode = async (...names: string[]) => (await stat(join(folder, ...names))).mode & 0o777;
    const path = join(folder, "made", "journal.db");
    const store = runtime.journals.open(path);
    store.put("orders", "a", "1");
    expect(await readdir(join(folder, "made"))).toEqual(["journal.db", "journal.db-wal"]);
    expect([await mode("made", "journal.db"), await mode("made", "journal.db-wal")]).toEqual([0o600, 0o600]);
    expect(await mode("made")).toBe(0o700);
    store.close();
  });

  test("takes back what others could read of one from before, also after a kill", async () => {
    const path = join(folder, "journal.db");
    const child = createNodeProcess().spawnNode(fixture("hold-journal.ts"), [path]);
    for await (const line of child.lines()) if (line === "held") break;
    child.kill("SIGKILL");
    await child.ended;
    const names = (await readdir(folder)).filter((name) => name.startsWith("journal.db"));
    expect(names).toContain("journal.db-wal");
    for (const name of names) await chmod(join(folder, name), 0o644);
    const store = runtime.journals.open(path);
    expect(store.get("orders", "a")).toBe("from the other process");
    for (const name of names) expect((await stat(join(folder, name))).mode & 0o777).toBe(0o600);
    store.close();
  });

  test("stays locked against other processes when this one asks for it twice", async () => {
    const path = join(folder, "journal.db");
    const store = runtime.journals.open(path);
    expect(() => runtime.journals.open(path)).toThrow("is in use by this process already");
    const child = createNodeProcess().spawnNode(fixture("hold-journal.ts"), [path]);
    const lines: string[] = [];
    for await (const line of child.lines()) lines.push(line);
    expect(lines).not.toContain("held");
    store.close();
  });

  test("says that a file is not a journal", async () => {
    const path = join(folder, "notes.txt");
    await writeFile(path, "these are my notes\n".repeat(100));
    expect(() => runtime.journals.open(path)).toThrow(JournalError);
    expect(() => runtime.journals.open(path)).toThrow(`cannot open the journal ${path}: the file is not a journal`);
  });

  test("says that a path cannot be opened", async () => {
    await mkdir(join(folder, "a-folder"));
    expect(() => runtime.journals.open(join(folder, "a-folder"))).toThrow(JournalError);
    await writeFile(join(folder, "a-file"), "");
    expect(() => runtime.journals.open(join(folder, "a-file", "journal.db"))).toThrow(JournalError);
  });
});

describe("real files", () => {
  test("have the mode that was asked for and leave no temporary file", async () => {
    const path = join(folder, "conf.yml");
    await runtime.files.writeText(path, "key: 1\n", 0o600);
    expect((await stat(path)).mode & 0o777).toBe(0o600);
    expect(await readdir(folder)).toEqual(["conf.yml"]);
  });

  test("are the old or the new one when the process that writes them is killed", async () => {
    const path = join(folder, "keys.json");
    for (let round = 0; round < 5; round += 1) {
      const child = createNodeProcess().spawnNode(fixture("write-for-ever.ts"), [path]);
      for await (const line of child.lines()) if (line === "written") break;
      child.kill("SIGKILL");
      await child.ended;
      expect(await runtime.files.readText(path)).toMatch(/^([a-h])\1{999999}\n$/);
    }
  });

  test.skipIf(process.platform === "win32")(
    "are no pipes and no devices by another name: nothing waits for those",
    async () => {
      const [pipe, device] = [join(folder, "pipe"), join(folder, "device")];
      execFileSync("mkfifo", [pipe]);
      await symlink("/dev/zero", device);
      for (const path of [pipe, device]) {
        const message = `cannot read ${path}: it is no regular file`;
        await expect(runtime.files.readText(path)).rejects.toMatchObject({ name: "ConfigError", message });
      }
    },
  );

  test.skipIf(process.platform === "win32")("are written where a link to them leads, which stays", async () => {
    const [file, link] = [join(folder, "file"), join(folder, "link")];
    await writeFile(file, "old");
    await symlink(file, link);
    await runtime.files.writeText(link, "new", 0o600);
    expect((await lstat(link)).isSymbolicLink()).toBe(true);
    expect(await readFile(file, "utf8")).toBe("new");
    expect(await runtime.files.realPath(link)).toBe(await realpath(file));
    expect(await runtime.files.realPath(join(folder, "none"))).toBe(join(folder, "none"));
  });

  test.skipIf(process.platform === "win32")(
    "are not taken for absent where links lead to nothing or in a circle",
    async () => {
      const [circle, dangling] = [join(folder, "circle"), join(folder, "dangling")];
      await symlink(circle, circle);
      await symlink(join(folder, "not-mounted", "file"), dangling);
      for (const [path, reason] of [
        [circle, "its links lead in a circle"],
        [dangling, "it is a link that leads to nothing"],
      ] as const) {
        const [read, write] = ["read", "write"].map((action) => ({ message: `cannot ${action} ${path}: ${reason}` }));
        await expect(runtime.files.exists(path)).rejects.toMatchObject(read ?? {});
        await expect(runtime.files.realPath(path)).rejects.toMatchObject(read ?? {});
        await expect(runtime.files.writeText(path, "x")).rejects.toMatchObject(write ?? {});
        expect((await lstat(path)).isSymbolicLink()).toBe(true);
      }
    },
  );

  test.skipIf(process.platform === "win32")("take the place of no pipe and no device", async () => {
    const pipe = join(folder, "pipe");
    execFileSync("mkfifo", [pipe]);
    const message = `cannot write ${pipe}: it is no regular file`;
    await expect(runtime.files.writeText(pipe, "x")).rejects.toMatchObject({ name: "ConfigError", message });
    expect(await readdir(folder)).toEqual(["pipe"]);
  });

  test("are read whole up to 16 MiB, and not to the end where there is none", async () => {
    const path = join(folder, "large.yml");
    const text = `${"€".repeat(3_000_000)}\n`;
    await writeFile(path, text);
    expect(await runtime.files.readText(path)).toBe(text);
    await expect(runtime.files.readText("/dev/zero")).rejects.toMatchObject({
      name: "ConfigError",
      message: "cannot read /dev/zero: it is larger than 16 MiB",
    });
    await expect(runtime.files.readText(join(folder, "none"))).rejects.toMatchObject({ code: "FILE_NOT_FOUND" });
  });

  test("that are their owner's alone lie in folders that are", async () => {
    await runtime.files.writeText(join(folder, "a", "keys.json"), "{}", 0o600);
    expect((await stat(join(folder, "a"))).mode & 0o777).toBe(0o700);
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
    expect(loaded.filter((specifier) => /^(undici|ws|fastify|node:sqlite)$/.test(specifier))).toEqual([]);
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

test("a folder in the place of a file is a mistake that says so", async () => {
  const lines = nodeRuntime()
    .files.lines(import.meta.dirname)
    [Symbol.asyncIterator]();
  await expect(lines.next()).rejects.toThrow(`cannot read ${import.meta.dirname}: it is a folder`);
});
