import { HISTORY_VERSION, type HistoryLine, type RiskLimitsShown, type TruthLine } from "../../checker/history.ts";
import { ConfigError } from "../../model/error.ts";
import { checkOptionNames } from "../../model/names.ts";
import type { PaperVenue } from "../../paper/index.ts";
import { ProcessRecorder } from "./process-recorder.ts";
import { HistorySecrets } from "./secrets.ts";
import { accountFact, recordVenue } from "./venue-lines.ts";

export interface RecordOptions {
  /** Version of Perpwire. */
  readonly perpwire?: string | undefined;
  readonly profile?: string | undefined;
  readonly minutes?: number | undefined;
  readonly startingCash?: string | undefined;
  readonly hasHand?: boolean | undefined;
  readonly riskLimits?: RiskLimitsShown | undefined;
  /** Called with each line as it happens, the head first. */
  write(line: HistoryLine): void;
}

const RECORD_OPTIONS: Readonly<Record<keyof RecordOptions, true>> = {
  perpwire: true,
  profile: true,
  minutes: true,
  startingCash: true,
  hasHand: true,
  riskLimits: true,
  write: true,
};

/** The parts of a world that are recorded. */
export interface RecordedWorld {
  readonly venue: PaperVenue;
  readonly connectorName: string;
  readonly seed: number | string;
  readonly token: string;
  readonly secrets: readonly string[];
  readonly machines: { isAlive(host: string): boolean };
  now(): number;
  elapsedMs(): number;
}

/** Writes down all that happens in a world: at the venue, and in each process. */
export class WorldRecorder {
  readonly #world: RecordedWorld;
  readonly #options: RecordOptions;
  readonly #secrets: HistorySecrets;
  /** The present or last process of each host. */
  readonly #processes = new Map<
    string,
    { readonly life: number; readonly recorder: ProcessRecorder; isOver: boolean }
  >();

  constructor(world: RecordedWorld, options: RecordOptions) {
    checkOptionNames(options, RECORD_OPTIONS);
    if (typeof options.write !== "function") {
      const hint = "it is called with each line: { write: (line) => lines.push(JSON.stringify(line)) }";
      throw new ConfigError("record() needs write", { hint });
    }
    this.#world = world;
    this.#options = options;
    const { venue, connectorName: connector, seed, token } = world;
    this.#secrets = new HistorySecrets(world.secrets);
    const { perpwire = "", profile, minutes, riskLimits, hasHand = false, startingCash = "100000" } = options;
    options.write({
      ...{ kind: "history", version: HISTORY_VERSION, run: `${connector} ${seed}`, connector, seed, profile, minutes },
      ...{ perpwire, startMs: world.now() - world.elapsedMs(), token, startingCash, hasHand, riskLimits },
    });
    recordVenue(venue, (fact) => options.write({ t: this.#now(), ...fact } as HistoryLine));
  }

  /** A process of the host begins. */
  begin(host: string): ProcessRecorder {
    this.ended(host);
    const life = (this.#processes.get(host)?.life ?? 0) + 1;
    const recorder = new ProcessRecorder({
      ...{ host, life, secrets: this.#secrets, now: () => this.#now() },
      write: this.#options.write,
    });
    this.#processes.set(host, { life, recorder, isOver: false });
    return recorder;
  }

  /** The host's process was killed, or died in a write. */
  ended(host: string): void {
    const process = this.#processes.get(host);
    if (process === undefined || process.isOver) return;
    process.isOver = true;
    process.recorder.mark("killed");
  }

  /** Records the state that each living process shows. */
  look(): void {
    for (const [host, { recorder, isOver }] of this.#processes) {
      if (!isOver && this.#world.machines.isAlive(host)) recorder.state("look");
    }
  }

  /** Records the state of each process and the venue's own record, after they had the time to become equal. */
  agree(when: string): void {
    for (const [host, { recorder, isOver }] of this.#processes) {
      if (!isOver && this.#world.machines.isAlive(host)) recorder.state("final");
    }
    const { cash, equity, orders, fills, positions, fundingPayments } = this.#world.venue.truth();
    const { available } = accountFact(this.#world.venue);
    const truth: Omit<TruthLine, "orders" | "fills" | "positions" | "fundingPayments"> = {
      ...{ t: this.#now(), kind: "truth", when, cash, equity, available },
    };
    this.#options.write({ ...truth, orders, fills, positions, fundingPayments });
  }

  #now(): number {
    return Math.round(this.#world.elapsedMs() * 1_000) / 1_000;
  }
}
