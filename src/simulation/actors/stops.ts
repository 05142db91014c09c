import { createHmac } from "node:crypto";
import { formatAmount, type PositionView } from "../../paper/index.ts";
import { closePosition } from "../close-by-hand.ts";
import type { World } from "../world.ts";

interface Stop {
  readonly position: PositionView;
  readonly triggerPrice: bigint;
}

/** The website: a machine of its own, on whose clock and network nobody meddles. */
export const WEBSITE_HOST = "website";
const TIMEOUT_MS = 10_000;

/**
 * Stop orders of the website: a position is closed at market once mark has gone so far against it. On FTX they are
 * conditional orders of the venue; elsewhere, where the box has none, what a trigger makes is placed when it is due.
 */
export class Stops {
  readonly #world: World;
  readonly #open: Stop[] = [];

  constructor(world: World) {
    this.#world = world;
  }

  /** `away`: from mark to the trigger, against the position. */
  place(position: PositionView, away: bigint): void {
    const { engine } = this.#world.venue;
    const mark = engine.market(position.market)?.mark;
    if (mark === undefined || position.size === 0n) return;
    const stop = { position, triggerPrice: position.size > 0n ? mark - away : mark + away };
    if (this.#world.protocol.name === "ftx") void this.#placeConditional(stop);
    else this.#open.push(stop);
  }

  /** Places what triggers ask for. */
  check(): void {
    const { venue } = this.#world;
    for (const stop of this.#open.splice(0)) {
      const { market, size } = stop.position;
      const mark = venue.engine.market(market)?.mark;
      if (mark === undefined) continue;
      const isDue = size > 0n ? mark <= stop.triggerPrice : mark >= stop.triggerPrice;
      if (isDue) closePosition(venue, stop.position);
      else this.#open.push(stop);
    }
  }

  /** A line that fails is not the bot's matter. */
  async #placeConditional({ position, triggerPrice }: Stop): Promise<void> {
    const { venue, machines } = this.#world;
    const { market, size } = position;
    const body = JSON.stringify({
      market: market.replace("-USD", "-PERP"),
      side: size > 0n ? "sell" : "buy",
      type: "stop",
      size: formatAmount(size > 0n ? size : -size),
      reduceOnly: true,
      triggerPrice: formatAmount(triggerPrice),
    });
    const runtime = machines.runtime(WEBSITE_HOST);
    const timestamp = String(Math.floor(venue.now()));
    const sign = createHmac("sha256", venue.apiSecret).update(`${timestamp}POST/api/conditional_orders${body}`);
    const headers = { "ftx-key": venue.apiKey, "ftx-ts": timestamp, "ftx-sign": sign.digest("hex") };
    const request = {
      method: "POST",
      url: `${venue.rest}/conditional_orders`,
      headers: { ...headers, "content-type": "application/json" },
      body,
      timeoutMs: TIMEOUT_MS,
    };
    await runtime.http.request(request).catch(() => undefined);
  }
}
