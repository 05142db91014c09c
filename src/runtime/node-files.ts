import { randomBytes } from "node:crypto";
import { access, mkdir, open, readFile, rename, rm, stat } from "node:fs/promises";
import { dirname } from "node:path";
import { ConfigError } from "../model/error.ts";
import type { Files } from "./runtime.ts";

const DEFAULT_MODE = 0o644;

export const nodeFiles: Files = {
  async readText(path) {
    try {
      return await readFile(path, "utf8");
    } catch (error) {
      throw fileError("read", path, error);
    }
  },

  async writeText(path, text, mode = DEFAULT_MODE) {
    const temporaryPath = `${path}.${randomBytes(6).toString("hex")}.tmp`;
    try {
      await mkdir(dirname(path), { recursive: true });
      const file = await open(temporaryPath, "wx", mode);
      try {
        await file.chmod(mode);
        await file.writeFile(text, "utf8");
        await file.sync();
      } finally {
        await file.close();
      }
      await rename(temporaryPath, path);
    } catch (error) {
      await rm(temporaryPath, { force: true }).catch(() => {});
      throw fileError("write", path, error);
    }
  },

  async exists(path) {
    try {
      await access(path);
      return true;
    } catch {
      return false;
    }
  },

  async mode(path) {
    try {
      return (await stat(path)).mode & 0o777;
    } catch (error) {
      throw fileError("read", path, error);
    }
  },

  async *lines(path) {
    const file = await open(path).catch((error: unknown) => {
      throw fileError("read", path, error);
    });
    try {
      yield* file.readLines();
    } finally {
      await file.close();
    }
  },
};

function fileError(action: "read" | "write", path: string, error: unknown): ConfigError {
  const isMissing = error instanceof Error && "code" in error && error.code === "ENOENT";
  const reason = isMissing ? "no such file" : error instanceof Error ? error.message : String(error);
  const code = isMissing ? "FILE_NOT_FOUND" : undefined;
  return new ConfigError(`cannot ${action} ${path}: ${reason}`, { code, cause: error });
}
