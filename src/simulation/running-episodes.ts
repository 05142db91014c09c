import type { SimulatedLatency } from "../runtime/simulated-network.ts";
import { SeededRandom } from "../runtime/simulated-random.ts";
import type { Crowd } from "./actors/crowd.ts";
import type { BotProcess } from "./bot-process.ts";
import { EPISODES, type EpisodeSpec, mergedFaults, type Running } from "./episodes.ts";
import type { Episode } from "./plan.ts";
import type { World } from "./world.ts";

export interface RunningEpisodesOptions {
  readonly world: World;
  readonly bots: readonly BotProcess[];
  readonly crowd: Crowd;
}

/** The episodes that are on: each lasts until its own end, whichever others of its kind begin and end meanwhile. */
export class RunningEpisodes {
  readonly #options: RunningEpisodesOptions;
  readonly #running = new Map<Episode, Running>();
  readonly #usualLatency: SimulatedLatency;
  #overMs = 0;

  constructor(options: RunningEpisodesOptions) {
    this.#options = options;
    this.#usualLatency = options.world.machines.network.latency;
  }

  begin(episode: Episode): void {
    const { kind, forMs, draw } = episode;
    const random = new SeededRandom(draw, kind);
    const spec: EpisodeSpec = EPISODES[kind];
    if (spec.endsByItself === true) this.#overMs = Math.max(this.#overMs, this.#options.world.elapsedMs() + forMs);
    const running = spec.begin({ ...this.#options, random, forMs, usualLatency: this.#usualLatency });
    if (!running) return;
    this.#running.set(episode, running);
    this.#applyFaults();
  }

  end(episode: Episode): void {
    const running = this.#running.get(episode);
    if (running === undefined) return;
    this.#running.delete(episode);
    running.end?.();
    for (const [{ kind }, other] of this.#running) if (kind === episode.kind) other.goOn?.();
    this.#applyFaults();
  }

  /** Nothing goes wrong any more from the returned time on: what ends by itself goes on until then. */
  endAll(): number {
    for (const episode of [...this.#running.keys()]) this.end(episode);
    const { world, bots } = this.#options;
    const { network, journals } = world.machines;
    network.latency = this.#usualLatency;
    network.heal();
    network.releaseHeld();
    journals.repair();
    for (const bot of bots) {
      world.machines.resume(bot.host);
      bot.restartIfDead();
    }
    return Math.max(this.#overMs, world.elapsedMs());
  }

  #applyFaults(): void {
    const { world } = this.#options;
    const running = [...this.#running.values()];
    world.venue.faults.set(mergedFaults(running));
    const requests = running.flatMap(({ onHttpRequest }) => onHttpRequest ?? []);
    const connects = running.flatMap(({ onConnect }) => onConnect ?? []);
    world.machines.network.faults = {
      onHttpRequest: (request) => {
        for (const fault of requests) {
          const struck = fault(request);
          if (struck !== undefined) return struck;
        }
        return undefined;
      },
      onConnect: () => {
        for (const fault of connects) {
          const struck = fault();
          if (struck !== undefined) return struck;
        }
        return undefined;
      },
    };
  }
}
