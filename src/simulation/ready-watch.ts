import type { PerpetualConnector } from "../connector/perpetual-connector.ts";
import type { Findings } from "./findings.ts";
import type { World } from "./world.ts";

/** What may wait in the queues of one limit: 1,000 requests in each of three lanes. */
const MOST_WAITING = 3_000;
/** Timers and requests of a process: 60 were seen at most, a dozen of them its loops, the others orders under way. */
const MOST_PENDING = 500;

export interface ReadyWatchOptions {
  readonly world: World;
  readonly findings: Findings;
  /** How often the venue has answered a question of the account to this machine. */
  readonly accountAnswers: (host: string) => number;
}

/** What `ready` promises, and that nothing piles up behind it. */
export class ReadyWatch {
  readonly #options: ReadyWatchOptions;
  /** Markets that were halted or delisted: they do not count for `ready` until the list of markets is read again. */
  readonly #away = new Set<string>();

  constructor(options: ReadyWatchOptions) {
    this.#options = options;
    options.world.venue.observe((events) => {
      for (const event of events)
        if (event.type === "marketChanged" && event.status !== "trading") this.#away.add(event.market);
    });
  }

  /** A connector that is ready has heard the answer to something that it asked for after the last gap. */
  listen(host: string, connector: PerpetualConnector): void {
    const { findings, accountAnswers } = this.#options;
    let answersAtGap: number | undefined;
    connector.on("gap", ({ reason }) => {
      answersAtGap = accountAnswers(host);
      if (connector.ready) findings.add("ready means caught up", `${host} is ready at a gap: ${reason}`);
    });
    connector.on("ready", () => {
      if (answersAtGap !== undefined && accountAnswers(host) === answersAtGap)
        findings.add("ready means caught up", `${host} is ready and has asked for nothing since the last gap`);
      answersAtGap = undefined;
    });
  }

  check(host: string, connector: PerpetualConnector): void {
    const { world, findings } = this.#options;
    const isReady = connector.ready;
    for (const pair of connector.tradingPairs) {
      if (!isReady || connector.orderBook(pair).isValid || this.#away.has(pair.replace(/-USDT?$/, "-USD"))) continue;
      findings.add("ready means that books are valid", `${host} is ready and its book of ${pair} is invalid`);
    }
    for (const { limitId, waiting } of connector.metrics().rateLimits) {
      if (waiting > MOST_WAITING)
        findings.add("queues are bounded", `${waiting} requests of ${host} wait for ${limitId}`);
    }
    const pending = world.machines.pending(host);
    if (pending > MOST_PENDING) findings.add("queues are bounded", `${host} waits for ${pending} timers and requests`);
  }
}
