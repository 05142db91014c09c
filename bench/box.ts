import type { BoxSetup } from "./box/arms.ts";
import { operationsOf } from "./box/operations.ts";
import type { Result } from "./report.ts";
import { type Contender, inTurn, type Rounds } from "./rounds.ts";

const OPERATIONS = 50_000;
const REQUESTS = 500;
const SECONDS = 1;
const PROTOCOLS = ["bybit", "binance", "okx", "ftx"] as const;
const LIVING_MARKETS = [50, 200, 500] as const;

const module = new URL("./box/arms.ts", import.meta.url).href;

async function resultOf(head: Pick<Result, "name" | "work" | "unit">, rounds: Omit<Rounds, "module">): Promise<Result> {
  return { ...head, passes: rounds.passes, figures: await inTurn({ module, ...rounds }) };
}

async function matching(passes: number): Promise<Result> {
  const contenders: readonly Contender[] = [
    {
      name: "perpwire's book",
      key: "book",
      arm: "book",
      note: "price-time priority, exact sizes, changed levels told",
    },
    {
      name: "perpwire's engine",
      key: "engine",
      arm: "engine",
      note: "accounts, margin, positions, fees, events as well",
    },
    {
      ...{ name: "nodejs-order-book 10.1.1", key: "nodejsOrderBook", arm: "nodejsOrderBook" },
      note: "price-time priority, JavaScript numbers",
    },
  ];
  const next = operationsOf(42);
  const traded = new Map<string, unknown>();
  const head = { name: "matching", work: `${OPERATIONS} orders and cancels a pass`, unit: "us an operation" };
  const result = await resultOf(head, {
    ...{ contenders, passes, units: OPERATIONS },
    input: () => next(OPERATIONS),
    check: (name, lots) => traded.set(name, lots),
  });
  if (new Set(traded.values()).size !== 1)
    throw new Error(`they traded different amounts: ${JSON.stringify([...traded])}`);
  return result;
}

async function orders(passes: number): Promise<Result> {
  const setupOf = (setup: BoxSetup): BoxSetup => ({ ...setup, requests: REQUESTS });
  const contenders = [
    ...PROTOCOLS.map((api): Contender => {
      const note = "signature, checks, engine, answer as the venue gives it";
      return { name: `the box, ${api}`, key: api, arm: "box", note, setup: setupOf({ api }) };
    }),
    {
      ...{ name: "bare HMAC echo", key: "echo", arm: "echo", note: "node:http, signature of the body" },
      setup: setupOf({}),
    },
  ];
  const head = {
    name: "signed orders over REST",
    work: `${REQUESTS} orders a pass, 16 in flight`,
    unit: "us of work an order",
  };
  return await resultOf(head, { contenders, passes, units: REQUESTS });
}

async function living(passes: number): Promise<Result> {
  const contenders = LIVING_MARKETS.map((markets): Contender => {
    const setup: BoxSetup = { markets, seconds: SECONDS };
    return { name: `${markets} markets`, key: `markets${markets}`, arm: "living", note: "simulated order flow", setup };
  });
  const head = { name: "the box with markets that live by themselves", work: "a second a pass", unit: "% of a core" };
  // A second has 10,000 times a hundred microseconds.
  return await resultOf(head, { contenders, passes, units: 10_000 * SECONDS });
}

async function frames(passes: number): Promise<Result> {
  const note = "made of the book's changes, four markets with their flow";
  const contenders: readonly Contender[] = [
    { name: "the box, bybit", key: "boxFrames", arm: "boxFrames", note },
    { name: "bare ws", key: "ws", arm: "bareFrames", note: "ready texts of the same length" },
  ];
  const head = { name: "frames of books to 50 connections", work: "a second a pass", unit: "us of work a frame" };
  return await resultOf(head, { contenders, passes, units: 1, by: "usPerFrame" });
}

/** The exchange in the box: what trading on it costs, and what it costs by itself. */
export async function benchBox({ passes }: { readonly passes: number }): Promise<readonly Result[]> {
  return [
    await matching(passes),
    await orders(passes),
    await frames(Math.min(passes, 5)),
    await living(Math.min(passes, 5)),
  ];
}
