import type { ProcessLine, ProcessLines, StateLine } from "../../checker/history.ts";
import type { PerpetualConnector } from "../../connector/perpetual-connector.ts";
import { CONNECTOR_EVENT_NAMES, type ConnectorEventName } from "../../model/event.ts";
import type { Runtime } from "../../runtime/runtime.ts";
import { plain } from "./plain.ts";
import { recordCalls } from "./recorded-calls.ts";
import { type ProcessFact, recordedRuntime } from "./recorded-runtime.ts";
import type { HistorySecrets } from "./secrets.ts";
import { stateOf } from "./state-line.ts";

export interface ProcessRecorderOptions {
  readonly host: string;
  /** Number of the process on its host, from 1 on. */
  readonly life: number;
  readonly secrets: HistorySecrets;
  /** Milliseconds, as the lines of the history have them. */
  now(): number;
  write(line: ProcessLines): void;
}

/** Writes down what one process of a bot sends, receives, asks, tells and shows. */
export class ProcessRecorder {
  readonly #options: ProcessRecorderOptions;
  #connector: PerpetualConnector | undefined;
  #isEnded: () => boolean = () => false;
  /** True once it has been ready and was not stopped: it can be looked at. */
  #isUp = false;

  constructor(options: ProcessRecorderOptions) {
    this.#options = options;
    this.mark("started");
  }

  /** The runtime to make the connector with. */
  runtime(runtime: Runtime): Runtime {
    this.#isEnded = () => runtime.isEnded?.() === true;
    return recordedRuntime(runtime, this.#options.secrets, (fact) => this.#write(fact));
  }

  /** Watches a connector, from before it starts. */
  watch(connector: PerpetualConnector): void {
    this.#connector = connector;
    connector.once("ready", () => {
      this.#isUp = true;
    });
    for (const name of CONNECTOR_EVENT_NAMES as readonly ConnectorEventName[]) {
      connector.on(name, (event) => {
        this.#write({ kind: "event", name, data: plain(event) as Readonly<Record<string, unknown>> });
      });
    }
    recordCalls(
      connector,
      // A call that its process dies in returns to nobody.
      (fact) => {
        if (!this.#isEnded()) this.#write(fact);
      },
      (call) => {
        if (call === "stop") this.mark("stopped");
        if (call === "refresh") this.state("refreshed");
      },
    );
  }

  mark(what: ProcessLine["what"]): void {
    if (what !== "started") this.#isUp = false;
    this.#write({ kind: "process", what });
  }

  /** Writes what the connector shows now; nothing before it was ready. */
  state(when: StateLine["when"]): void {
    if (this.#isUp && this.#connector !== undefined) this.#write(stateOf(this.#connector, when));
  }

  #write(fact: ProcessFact): void {
    const { host, life } = this.#options;
    this.#options.write({ t: this.#options.now(), host, life, ...fact } as ProcessLines);
  }
}
