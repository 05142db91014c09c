import { ConfigError } from "../model/error.ts";
import { never } from "./process-end.ts";
import type { Files } from "./runtime.ts";
import type { SimulatedDisk } from "./simulated-disk.ts";
import type { SimulatedProcess } from "./simulated-process.ts";
import type { SimulatedScheduler } from "./simulated-scheduler.ts";

export class SimulatedFiles implements Files {
  readonly #process: SimulatedProcess;
  readonly #disk: SimulatedDisk;
  readonly #scheduler: SimulatedScheduler;

  constructor(process: SimulatedProcess, disk: SimulatedDisk, scheduler: SimulatedScheduler) {
    this.#process = process;
    this.#disk = disk;
    this.#scheduler = scheduler;
  }

  async readText(path: string): Promise<string> {
    if (!this.#process.isAlive) return never();
    const text = this.#disk.files.get(path);
    if (text === undefined) throw new ConfigError(`cannot read ${path}: no such file`, { code: "FILE_NOT_FOUND" });
    return text;
  }

  async writeText(path: string, text: string, mode = 0o644): Promise<void> {
    if (!this.#process.isAlive) return never();
    const failure = this.#disk.faults.take();
    this.#scheduler.record(failure === undefined ? `write ${path} ${text}` : `cannot write ${path}`);
    if (failure !== undefined) throw new ConfigError(`cannot write ${path}: ${failure.reason}`);
    this.#disk.files.set(path, text);
    this.#disk.modes.set(path, mode);
  }

  async mode(path: string): Promise<number> {
    await this.readText(path);
    return this.#disk.modes.get(path) ?? 0o644;
  }

  async exists(path: string): Promise<boolean> {
    return this.#process.isAlive ? this.#disk.files.has(path) : never();
  }

  async realPath(path: string): Promise<string> {
    return this.#process.isAlive ? path : never();
  }

  async *lines(path: string): AsyncGenerator<string> {
    const lines = (await this.readText(path)).split(/\r?\n/);
    if (lines.at(-1) === "") lines.pop();
    yield* lines;
  }
}
