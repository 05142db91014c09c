import { once } from "node:events";
import { Worker } from "node:worker_threads";
import type { ArmAnswer, ArmRequest, ArmStart, Pass } from "./arm.ts";
import { median, type Spread, spreadOf } from "./measure.ts";

export interface Contender {
  readonly name: string;
  /** What it does and leaves out, for the reader of the table. */
  readonly note: string;
  /** Name of its arm in the module. */
  readonly arm: string;
  readonly setup?: unknown;
  /** Name of its ratio in the line of JSON. */
  readonly key: string;
}

export interface Figure {
  readonly name: string;
  readonly key: string;
  readonly note: string;
  /** Microseconds for one unit of work. */
  readonly us: Spread;
  /** Its time divided by that of the first contender, pass by pass: above 1 the first one is faster. */
  readonly ratio: Spread;
  /** Bytes allocated for one unit of work. */
  readonly bytes: number;
  /** Medians of what the arm measured itself. */
  readonly figures: Readonly<Record<string, number>>;
}

export interface Rounds {
  /** Address of the module of the arms. */
  readonly module: string;
  readonly contenders: readonly Contender[];
  readonly passes: number;
  /** Units of work of a pass. */
  readonly units: number;
  /**
   * What counts of a pass: the time that the thread worked, the time that went by, or a figure of the arms' own by its
   * name. Default `cpu`.
   */
  readonly by?: "cpu" | "wall" | (string & {}) | undefined;
  /** What the next pass of all contenders works on. */
  input?(): unknown;
  /** Looks at the state of a contender after the last pass; throws where it is wrong. */
  check?(name: string, state: unknown): void;
}

const WARM_UPS = 2;

/** A contender in an isolate of its own. */
class Isolate {
  readonly #worker: Worker;
  readonly #name: string;

  private constructor(worker: Worker, name: string) {
    this.#worker = worker;
    this.#name = name;
  }

  static async start(name: string, start: ArmStart): Promise<Isolate> {
    const worker = new Worker(new URL("./arm-worker.ts", import.meta.url), { workerData: start });
    const isolate = new Isolate(worker, name);
    await isolate.#answer();
    return isolate;
  }

  async ask(request: ArmRequest): Promise<unknown> {
    this.#worker.postMessage(request);
    return await this.#answer();
  }

  async end(): Promise<void> {
    await this.ask({ kind: "end" });
    await this.#worker.terminate();
  }

  /** An isolate that fails ends the benchmark. */
  async #answer(): Promise<unknown> {
    const [answer] = (await once(this.#worker, "message")) as [ArmAnswer];
    if ("error" in answer) throw new Error(`${this.#name}: ${answer.error}`);
    return answer.value;
  }
}

/**
 * Times contenders in turn, A B C, A B C, ..., each in an isolate of its own, so that none runs on code that was compiled
 * for another; only one works at any time. After two warm-up rounds every pass counts. Their states stay alive between
 * passes: collecting a book would make the next pass pay for code that embeds it being compiled anew.
 */
export async function inTurn(rounds: Rounds): Promise<readonly Figure[]> {
  const { module, contenders, passes, input, check } = rounds;
  const isolates: (readonly [string, Isolate])[] = [];
  for (const { name, arm, setup } of contenders) {
    isolates.push([name, await Isolate.start(name, { module, arm, setup })]);
  }
  const results = new Map<string, Pass[]>(contenders.map(({ name }) => [name, []]));
  for (let round = -WARM_UPS; round < passes; round += 1) {
    const work = input?.();
    for (const [name, isolate] of isolates) {
      await isolate.ask({ kind: "prepare", input: work });
      const pass = (await isolate.ask({ kind: "pass" })) as Pass;
      if (round >= 0) results.get(name)?.push(pass);
    }
  }
  for (const [name, isolate] of isolates) {
    check?.(name, await isolate.ask({ kind: "state" }));
    await isolate.end();
  }
  const [first = []] = results.values();
  return contenders.map((contender) => figureOf(contender, results.get(contender.name) ?? [], first, rounds));
}

function figureOf(
  { name, key, note }: Contender,
  own: readonly Pass[],
  first: readonly Pass[],
  { units, by = "cpu" }: Rounds,
): Figure {
  const timeOf = ({ wallMs, cpuMs, figures }: Pass): number =>
    by === "cpu" || by === "wall" ? ((by === "cpu" ? cpuMs : wallMs) * 1_000) / units : Number(figures?.[by]);
  const reference = first.map(timeOf);
  const names = Object.keys(own[0]?.figures ?? {});
  return {
    name,
    key,
    note,
    us: spreadOf(own.map(timeOf)),
    ratio: spreadOf(own.map((pass, index) => timeOf(pass) / (reference[index] ?? Number.NaN))),
    bytes: median(own.map(({ bytes }) => bytes / units)),
    figures: Object.fromEntries(
      names.map((each) => [each, median(own.map(({ figures }) => figures?.[each] ?? Number.NaN))]),
    ),
  };
}
