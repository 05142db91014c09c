import { spawn } from "node:child_process";
import { once } from "node:events";
import { mkdtempSync, readdirSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join, resolve } from "node:path";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { NodeJournalStores } from "../../src/runtime/node-journal.ts";

let folder = "";
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), "perpwire-view-"));
});
afterEach(() => rmSync(folder, { recursive: true, force: true }));

/** Opens the journal, writes 500 rows, says so, and writes on without a pause. */
const WRITER = `
const { NodeJournalStores } = await import(process.argv[1]);
const store = new NodeJournalStores().open(process.argv[2]);
let number = 0;
const write = () => store.transaction(() => {
  for (let row = 0; row < 50; row += 1) store.put("rows", String(number++).padStart(9, "0"), "x".repeat(400));
});
while (number < 500) write();
console.log("ready");
setInterval(write, 1);
`;

const views = () => readdirSync(tmpdir()).filter((name) => name.startsWith("perpwire-journal-"));

describe("a view of a journal", () => {
  it("is whole while another process holds the file and writes to it", async () => {
    const path = join(folder, "bot.journal");
    const module = resolve(import.meta.dirname, "../../src/runtime/node-journal.ts");
    const writer = spawn(process.execPath, ["--input-type=module", "-e", WRITER, module, path], { stdio: "pipe" });
    try {
      await once(writer.stdout, "data");
      const stores = new NodeJournalStores();
      expect(() => stores.open(path)).toThrow("in use");
      const before = views();
      for (let look = 0; look < 5; look += 1) {
        const view = stores.view(path);
        const keys = view.page("rows", "", 1_000_000).map(([key]) => Number(key));
        expect(keys.length).toBeGreaterThanOrEqual(500);
        expect(keys.length % 50, "whole transactions").toBe(0);
        expect(keys).toEqual(keys.map((_, at) => at));
        expect(view.tables()).toEqual(["rows"]);
        expect(view.get("rows", "000000000")).toBe("x".repeat(400));
        view.close();
      }
      expect(views(), "nothing is left of it").toEqual(before);
      expect(writer.exitCode, "the writer goes on").toBeNull();
    } finally {
      writer.kill("SIGKILL");
      await once(writer, "exit");
    }
  });

  it("of one that this process has open leaves it locked", () => {
    const path = join(folder, "bot.journal");
    const stores = new NodeJournalStores();
    const store = stores.open(path);
    store.put("rows", "a", "1");
    const view = stores.view(path);
    expect(view.get("rows", "a")).toBe("1");
    view.close();
    store.put("rows", "b", "2");
    expect(store.get("rows", "b")).toBe("2");
    store.close();
  });

  it("is an error where there is none, or what is there is no journal", () => {
    const stores = new NodeJournalStores();
    expect(() => stores.view(join(folder, "none"))).toThrow(expect.objectContaining({ code: "JOURNAL_NOT_FOUND" }));
    writeFileSync(join(folder, "text"), "no journal".repeat(1_000));
    expect(() => stores.view(join(folder, "text"))).toThrow("the file is not a journal");
  });
});
