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
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { afterEach, beforeEach, describe, expect, test } from "vitest";
import { JournalError } from "../../src/model/error.ts";
import { createNodeProcess } from "../../src/runtime/node-process.ts";
import { nodeRuntime } from "../../src/runtime/node-runtime.ts";
import type { Runtime } from "../../src/runtime/runtime.ts";

const fixture = (name: string): string => fileURLToPath(new URL(`fixtures/${name}`, import.meta.url));

let folder = "";
let runtime: Runtime;

beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), "perpwire-"));
  runtime = nodeRuntime();
});

afterEach(async () => {
  await rm(folder, { recursive: true, force: true });
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

test("a folder in the place of a file is a mistake that says so", async () => {
  const lines = nodeRuntime()
    .files.lines(import.meta.dirname)
    [Symbol.asyncIterator]();
  await expect(lines.next()).rejects.toThrow(`cannot read ${import.meta.dirname}: it is a folder`);
});
