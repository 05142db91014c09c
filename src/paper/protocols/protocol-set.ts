import type { EngineEvent } from "../engine/types.ts";
import { type ApiKey, PAPER_PASSPHRASE } from "./accounts.ts";
import type { Candle } from "./candle.ts";
import { MarketStatistics } from "./market-statistics.ts";
import type { PaperProtocol, ProtocolPorts, ProtocolTruth, ProtocolUrls } from "./paper-protocol.ts";
import type { AnyProtocolName } from "./protocol-names.ts";
import type { ProtocolDefinition } from "./protocols.ts";

type SharedPorts = Omit<ProtocolPorts, "statistics" | "publish" | "random">;

/** The protocols that a venue speaks, over one engine. */
export class ProtocolSet {
  /** Answers for what no protocol owns. */
  readonly first: PaperProtocol;
  readonly #apis: ReadonlyMap<AnyProtocolName, PaperProtocol>;
  readonly #statistics: MarketStatistics;

  constructor(
    rows: readonly [ProtocolDefinition, ...ProtocolDefinition[]],
    ports: SharedPorts,
    randomOf: (label: string) => ProtocolPorts["random"],
  ) {
    this.#statistics = new MarketStatistics(ports.history);
    const build = ({ name, create }: ProtocolDefinition): PaperProtocol =>
      create({
        ...ports,
        random: randomOf(`paper ${name}`),
        statistics: this.#statistics,
        publish: (events) => this.onEvents(events),
      });
    const [first, ...others] = rows;
    this.first = build(first);
    this.#apis = new Map([[first.name, this.first], ...others.map((row) => [row.name, build(row)] as const)]);
  }

  /** Passes the engine's events on to all who listen. */
  onEvents(events: readonly EngineEvent[]): void {
    for (const event of events) if (event.type === "trade") this.#statistics.record(event.trade);
    for (const api of this.#apis.values()) api.onEvents(events);
  }

  /** All that is kept of a bar size, oldest first. */
  candles(market: string, resolutionMs: number, nowMs: number): readonly Candle[] {
    return this.#statistics.candles(market, resolutionMs, 0, nowMs);
  }

  ownerOfRequest(path: string): PaperProtocol | undefined {
    return this.#apis.values().find((api) => api.ownsRequest(path));
  }

  ownerOfConnection(target: string): PaperProtocol | undefined {
    return this.#apis.values().find((api) => api.ownsConnection(target));
  }

  /**
   * Reads the record in the ids of the protocol of that name, or of the first; undefined when the venue does not speak
   * it.
   */
  truth(name: string | undefined): ProtocolTruth | undefined {
    if (name === undefined) return this.first.truth;
    return this.#apis.entries().find(([spoken]) => spoken === name)?.[1].truth;
  }

  /** Credentials as the protocol of that name, or the first, wants them; undefined when the venue does not speak it. */
  credentialsOf(name: string | undefined, key: ApiKey): Readonly<Record<string, string>> | undefined {
    const api = name === undefined ? this.first : this.#apis.entries().find(([spoken]) => spoken === name)?.[1];
    if (api === undefined) return undefined;
    const { apiKey, apiSecret, passphrase = PAPER_PASSPHRASE } = key;
    return api.credentialsOf?.(key) ?? { apiKey, apiSecret, passphrase };
  }

  urls(authority: string): Readonly<Record<string, ProtocolUrls>> {
    return Object.fromEntries([...this.#apis].map(([name, api]) => [name, api.urls(authority)]));
  }

  get hasListenKeys(): boolean {
    return this.#apis.values().some((api) => api.expireListenKeys !== undefined);
  }

  expireListenKeys(): void {
    for (const api of this.#apis.values()) api.expireListenKeys?.();
  }

  announceRestart(): void {
    for (const api of this.#apis.values()) api.announceRestart();
  }

  stop(): void {
    for (const api of this.#apis.values()) api.stop();
  }
}
