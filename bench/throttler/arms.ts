import type { RateLimit } from "../../src/net/rate-limit.ts";
import { Throttler } from "../../src/net/throttler.ts";
import { nodeRuntime } from "../../src/runtime/node-runtime.ts";
import type { Arm } from "../arm.ts";
import { ccxtExchange } from "../peers/ccxt.ts";

export interface ThrottlerSetup {
  /** Requests of a pass. */
  readonly requests: number;
  /** Requests that are in each window at any time. */
  readonly inWindow: number;
}

const WINDOW_MS = 1_000;

/**
 * A limit that is linked to two others, as one of orders is to those of the account and of the address. Its clock goes on
 * with each request, so that as many leave the windows as enter and none has to wait.
 */
function perpwire({ requests, inWindow }: ThrottlerSetup): Arm {
  const real = nodeRuntime();
  const stepMs = WINDOW_MS / inWindow;
  let nowMs = 0;
  const clock = { now: () => nowMs, monotonic: () => nowMs };
  const pool = (limitId: string): RateLimit => ({ limitId, limit: 2 * inWindow, timeIntervalMs: WINDOW_MS });
  const linkedLimits = ["account", "address"].map((limitId) => ({ limitId, weight: 1 }));
  const rateLimits = [{ ...pool("orders"), linkedLimits }, pool("account"), pool("address")];
  const throttler = new Throttler({ rateLimits, clock, timers: real.timers });
  return {
    pass() {
      for (let request = 0; request < requests; request += 1) {
        nowMs += stepMs;
        if (throttler.acquire("orders") !== undefined) throw new Error("a request had to wait");
      }
      return undefined;
    },
  };
}

interface CcxtThrottle {
  readonly throttler: { readonly config: object };
  throttle(cost: number): Promise<void>;
}

/** Its bucket, which is one for the whole exchange, and which is full here: by default it holds one request. */
async function ccxt({ requests }: ThrottlerSetup): Promise<Arm> {
  const exchange = (await ccxtExchange("bybit", ["BTCUSDT"], { enableRateLimit: true })) as unknown as CcxtThrottle;
  Object.assign(exchange.throttler.config, { refillRate: 1_000, capacity: 1_000_000_000, tokens: 1_000_000_000 });
  return {
    async pass() {
      for (let request = 0; request < requests; request += 1) await exchange.throttle(1);
      return undefined;
    },
  };
}

export async function createArm(name: string, setup: unknown): Promise<Arm> {
  const own = setup as ThrottlerSetup;
  if (name === "perpwire") return perpwire(own);
  if (name === "ccxt") return await ccxt(own);
  throw new Error(`there is no contender ${name}`);
}
