import { randomBytes } from "node:crypto";
import { lstat, mkdir, open, realpath, rename, rm, stat } from "node:fs/promises";
import { dirname } from "node:path";
import { ConfigError } from "../model/error.ts";
import { DISK_FULL } from "./disk-full.ts";
import type { Files } from "./runtime.ts";

const DEFAULT_MODE = 0o644;
const MAX_TEXT_BYTES = 16 * 2 ** 20;
const CHUNK_BYTES = 2 ** 18;
const PRIVATE_FOLDER_MODE = 0o700;

export const nodeFiles: Files = {
  async readText(path) {
    try {
      return await boundedText(path);
    } catch (error) {
      throw fileError("read", path, error);
    }
  },

  async writeText(path, text, mode = DEFAULT_MODE) {
    const target = await realPath("write", path);
    const temporaryPath = `${target}.${randomBytes(6).toString("hex")}.tmp`;
    try {
      await refuseDevice(target);
      const isPrivate = (mode & 0o077) === 0;
      await mkdir(dirname(target), { recursive: true, ...(isPrivate && { mode: PRIVATE_FOLDER_MODE }) });
      const file = await open(temporaryPath, "wx", mode);
      try {
        await file.chmod(mode);
        await file.writeFile(text, "utf8");
        await file.sync();
      } finally {
        await file.close();
      }
      await rename(temporaryPath, target);
      await syncFolder(dirname(target));
    } catch (error) {
      await rm(temporaryPath, { force: true }).catch(() => {});
      throw fileError("write", path, error);
    }
  },

  async exists(path) {
    try {
      await stat(path);
      return true;
    } catch (error) {
      // A path that cannot be examined may exist: treating it as absent would replace a key store or leave out risk
      // limits.
      if (!isAbsent(error)) throw fileError("read", path, error);
      await refuseDanglingLink("read", path);
      return false;
    }
  },

  realPath: (path) => realPath("read", path),

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
    } catch (error) {
      throw fileError("read", path, error);
    } finally {
      await file.close();
    }
  },
};

async function realPath(action: "read" | "write", path: string): Promise<string> {
  try {
    return await realpath(path);
  } catch (error) {
    if (!isAbsent(error)) throw fileError(action, path, error);
    await refuseDanglingLink(action, path);
    return path;
  }
}

/** Refuses a link whose target is missing: the file may be on a disk that is absent now, and must not be replaced. */
async function refuseDanglingLink(action: "read" | "write", path: string): Promise<void> {
  const stats = await lstat(path).catch(() => undefined);
  if (stats?.isSymbolicLink() === true) throw fileError(action, path, new Error("it is a link that leads to nothing"));
}

function isAbsent(error: unknown): boolean {
  return ["ENOENT", "ENOTDIR"].includes(codeOf(error));
}

/** A rename would put a file in the place of a device or a pipe, for everybody. */
async function refuseDevice(path: string): Promise<void> {
  const stats = await stat(path).catch(() => undefined);
  if (stats !== undefined && !stats.isFile() && !stats.isDirectory()) throw new Error("it is no regular file");
}

/**
 * Reads a text up to the limit. A path that a stranger's folder calls a configuration may be a device without an end.
 */
async function boundedText(path: string): Promise<string> {
  await refusePipe(path);
  const file = await open(path);
  try {
    const chunks: Buffer[] = [];
    let bytes = 0;
    for await (const chunk of file.createReadStream({ autoClose: false, highWaterMark: CHUNK_BYTES })) {
      chunks.push(chunk);
      bytes += chunk.length;
      if (bytes > MAX_TEXT_BYTES) throw new Error(`it is larger than ${MAX_TEXT_BYTES / 2 ** 20} MiB`);
    }
    return Buffer.concat(chunks).toString("utf8");
  } finally {
    await file.close();
  }
}

/**
 * Opening a pipe that nobody writes to waits for ever, and no signal ends a process that does. Names such as `/dev/fd/63` are
 * of pipes that a shell has opened.
 */
async function refusePipe(path: string): Promise<void> {
  const stats = await stat(path);
  const isReadable = stats.isFile() || stats.isDirectory() || /^\/(dev|proc)\//.test(path);
  if (!isReadable) throw new Error("it is no regular file");
}

/** A new name lasts through a power cut once its folder is on the disk. Windows opens no folder, and needs no such thing. */
async function syncFolder(path: string): Promise<void> {
  if (process.platform === "win32") return;
  const folder = await open(path, "r");
  try {
    await folder.sync();
  } finally {
    await folder.close();
  }
}

const REASONS: Readonly<Record<string, string>> = {
  ENOENT: "no such file",
  EISDIR: "it is a folder",
  EEXIST: "a folder of its path is a file",
  ENOTDIR: "a folder of its path is a file",
  EACCES: "permission denied",
  ELOOP: "its links lead in a circle",
  ENOSPC: DISK_FULL.reason,
  EROFS: "the disk is read-only",
};

function codeOf(error: unknown): string {
  return error instanceof Error && "code" in error ? String(error.code) : "";
}

function fileError(action: "read" | "write", path: string, error: unknown): ConfigError {
  const known = codeOf(error);
  const reason = REASONS[known] ?? (error instanceof Error ? error.message : String(error));
  const code = known === "ENOENT" ? "FILE_NOT_FOUND" : undefined;
  return new ConfigError(`cannot ${action} ${path}: ${reason}`, { code, cause: error });
}
