import type { VenueDerivative } from "../../../connector/perpetual-venue.ts";
import type { TradingPair } from "../../../model/market.ts";
import type { VenueContext } from "../../../net/venue-api.ts";
import { assert } from "../assertion.ts";
import { createComponents } from "../components.ts";
import type { HistoryList, Route } from "../fixture-shapes.ts";
import { COMPONENTS, type Fixtures, type Kit, OPEN_ORDER } from "../register.ts";
import type { Scene } from "../scene.ts";
import type { Answer, ScriptedRequest } from "../scripted-venue.ts";
import { FILL } from "./facts.ts";

/** Epoch milliseconds; both ends count. */
interface Range {
  readonly beginMs: number;
  readonly endMs: number;
  /** Begin that the request itself names. */
  readonly namedMs?: number | undefined;
}

const DAY_MS = 86_400_000;
const limitOf = (limit: number | "any"): number => (limit === "any" ? Number.POSITIVE_INFINITY : limit);

const AN_HOUR_MS = 3_600_000;
/** Greatest delay of the clock that dates fills behind the one that dates our orders. */
const CLOCK_DIFFERENCE_MS = 1_000;

/** Range that a request asks of a list; undefined where it asks for none (a later page by its cursor or id). */
function rangeOf({ begin, end, format = "ms", longestMs }: HistoryList) {
  const unit = format === "seconds" ? 1_000 : 1;
  const timeOf = (text: string | undefined) => (text === undefined ? undefined : Number(text) * unit);
  return ({ params, atMs }: ScriptedRequest): Range | undefined => {
    const [from, to] = [timeOf(params[begin]), timeOf(params[end])];
    if (from === undefined && to === undefined) return undefined;
    const beginMs = from ?? (to ?? atMs) - limitOf(longestMs);
    return { beginMs, endMs: to ?? Math.min(beginMs + limitOf(longestMs), atMs), namedMs: from };
  };
}

/** The lists answer `rows` where their range holds `rowsAtMs`, else nothing, and refuse a range that is too long. */
function scriptLists(
  scene: Scene,
  lists: readonly HistoryList[],
  rows: { readonly answers: readonly Route[]; readonly atMs: number } = { answers: [], atMs: Number.NaN },
): Range[] {
  const taken: Range[] = [];
  for (const list of lists) {
    const { path } = list;
    const [longestMs, reachesMs] = [limitOf(list.longestMs), limitOf(list.reachesMs)];
    const { refusal = { status: 400, body: {} } } = list;
    const answerOf = (routes: readonly Route[]): Answer => {
      const { status, body } = routes.find((route) => route.path === path) ?? assert.fail(`${path} has no answer`);
      return { status, body };
    };
    const nothing = answerOf(scene.fill(restingRoutesOf(scene)));
    const own = rows.answers.some((route) => route.path === path) ? answerOf(rows.answers) : nothing;
    const read = rangeOf(list);
    scene.server.on("GET", path, (request) => {
      const range = read(request);
      if (range === undefined) return rows.atMs >= request.atMs - reachesMs ? own : nothing;
      if (range.endMs - range.beginMs > longestMs) return refusal;
      const beginMs = Math.max(range.beginMs, request.atMs - reachesMs);
      taken.push({ ...range, beginMs });
      return beginMs <= rows.atMs && rows.atMs <= range.endMs ? own : nothing;
    });
  }
  return taken;
}

function restingRoutesOf({ fixtures: { restingRoutes } }: Scene): readonly Route[] {
  return "paste" in restingRoutes ? assert.fail("a scene needs `restingRoutes`") : restingRoutes;
}

/** The first moment from `sinceMs` to `untilMs` that no range holds. */
function holeIn(ranges: readonly Range[], sinceMs: number, untilMs: number): number | undefined {
  let coveredMs = sinceMs;
  for (const { beginMs, endMs } of ranges.toSorted((a, b) => a.beginMs - b.beginMs)) {
    if (beginMs > coveredMs + 1) break;
    coveredMs = Math.max(coveredMs, endMs);
  }
  return coveredMs >= untilMs ? undefined : coveredMs;
}

/** The ranges, and the ages of rows, beyond which a list does not answer. */
const limitsOf = (lists: readonly HistoryList[]): readonly number[] =>
  lists.flatMap(({ longestMs, reachesMs }) => [longestMs, reachesMs].flatMap((each) => (each === "any" ? [] : [each])));

/** Spans of history to ask for: within every limit, beyond each, and nearly as far as the lists reach. */
function spansOf(lists: readonly HistoryList[]): readonly number[] {
  const furthestMs = Math.max(...lists.map(({ reachesMs }) => limitOf(reachesMs)));
  const spans = [AN_HOUR_MS, ...limitsOf(lists).flatMap((limit) => [0.9 * limit, 2.5 * limit])];
  return [...new Set(spans)].filter((span) => span < furthestMs);
}

interface Kind {
  readonly title: string;
  readonly of: HistoryList["of"];
  ask(derivative: VenueDerivative, context: VenueContext, sinceMs: number, pair: TradingPair): Promise<unknown>;
}

const KINDS: readonly Kind[] = [
  {
    title: "fills",
    of: "fills",
    ask: (derivative, context, sinceMs, pair) => derivative.tradesSince(context, sinceMs, [pair]),
  },
  {
    title: "funding payments",
    of: "fundingPayments",
    ask: (derivative, context, sinceMs, pair) => derivative.fetchFundingPayments(context, sinceMs, [pair]),
  },
];

/** A venue answers for a limited range of time, and what it is not asked for is lost. */
export function historyTests(kit: Kit): void {
  kit.describe("history", () => {
    rangeTests(kit);
    lagTests(kit);
    startTests(kit);
    orderTests(kit);
  });
}

function rangeTests({ test }: Kit): void {
  for (const { title, of, ask } of KINDS) {
    test(
      `${title} of any time are asked for in ranges that the venue takes, without a hole`,
      { needs: [...COMPONENTS, "historyLists"] },
      async (scene, f) => {
        const lists = f.historyLists.filter((list) => list.of === of);
        assert.ok(lists.length > 0, `the fixtures name no list of ${title}`);
        for (const span of spansOf(lists)) {
          const taken = scriptLists(scene, lists);
          const nowMs = Math.floor(scene.world.now());
          const sinceMs = nowMs - span;
          const { context } = createComponents(scene);
          await scene.run(ask(scene.venue.derivative, context(), sinceMs, scene.fixtures.tradingPair));
          const hole = holeIn(taken, sinceMs, nowMs);
          const ago = hole === undefined ? 0 : (nowMs - hole) / AN_HOUR_MS;
          assert.equal(hole, undefined, `of ${span / AN_HOUR_MS} hours those of ${ago} hours ago are not asked for`);
          const earliestMs = Math.min(...taken.flatMap(({ namedMs }) => namedMs ?? []));
          assert.ok(
            earliestMs >= sinceMs - 2 * DAY_MS,
            `${title} from ${sinceMs} on are asked for from ${earliestMs} on: is the unit of the range another?`,
          );
        }
      },
    );
  }
}

/** Greatest lag of our clock behind the venue's at which requests are still taken: that of a machine which has slept. */
const LAG_MS = 30_000;

function lagTests({ test }: Kit): void {
  for (const { title, of, ask } of KINDS) {
    test(
      `${title} are asked for to both ends while our clock is late`,
      { needs: [...COMPONENTS, "historyLists"] },
      async (scene, f) => {
        const lists = f.historyLists.filter((list) => list.of === of);
        const nowMs = Math.floor(scene.world.now());
        for (const sinceMs of lateQuestions(lists, nowMs)) {
          const taken = scriptLists(scene, lists);
          const context = { ...createComponents(scene).context(), now: () => nowMs - LAG_MS };
          await scene.run(ask(scene.venue.derivative, context, sinceMs, scene.fixtures.tradingPair));
          const hole = holeIn(taken, sinceMs, nowMs);
          const ago = hole === undefined ? 0 : nowMs - hole;
          assert.equal(
            hole,
            undefined,
            `while our clock is ${LAG_MS} ms late, those of ${ago} ms ago are not asked for`,
          );
        }
      },
    );
  }
}

/** The last hour, and what one list has just forgotten and another one has: a late clock would ask the first. */
function lateQuestions(lists: readonly HistoryList[], nowMs: number): readonly number[] {
  const reaches = lists.map(({ reachesMs }) => limitOf(reachesMs));
  const furthestMs = Math.max(...reaches);
  const forgotten = reaches.filter((reachesMs) => reachesMs < furthestMs);
  return [nowMs - AN_HOUR_MS, ...forgotten.map((reachesMs) => nowMs - reachesMs - LAG_MS / 2)];
}

/** A day, which is how far back a first start looks. */
const BEFORE_THE_START_MS = 24 * AN_HOUR_MS;

function startTests({ test }: Kit): void {
  test(
    "funding payments of the day before the first start are asked for",
    { needs: ["historyLists"], scene: { ready: false } },
    async (scene, f) => {
      const lists = f.historyLists.filter((list) => list.of === "fundingPayments");
      const taken = scriptLists(scene, lists);
      const nowMs = Math.floor(scene.world.now());
      await scene.start();
      // The two clocks, and the start itself, may be a little apart.
      const hole = holeIn(taken, nowMs - BEFORE_THE_START_MS + 60_000, nowMs);
      const ago = hole === undefined ? 0 : (nowMs - hole) / AN_HOUR_MS;
      assert.equal(hole, undefined, `those of ${ago.toFixed(1)} hours before the start are not asked for`);
    },
  );
}

const NEEDS = [...COMPONENTS, ...OPEN_ORDER, ...FILL, "historyLists", "configureFullFillTradeResponse"] as const;

/** The fill of an order that was made at `createdAtMs` is found. */
async function assertFound(scene: Scene, f: Fixtures<(typeof NEEDS)[number]>, createdAtMs: number): Promise<void> {
  const { order, fixture } = await scene.openOrder();
  const answers = scene.fill(f.configureFullFillTradeResponse, fixture);
  const lists = f.historyLists.filter(({ of }) => of === "fills");
  scriptLists(scene, lists, { answers, atMs: f.expectedFillTimestampMs });
  const { context } = createComponents(scene);
  const reference = { ...order.reference(), createdAtMs };
  const updates = await scene.run(scene.venue.derivative.allTradeUpdatesForOrder(context(), reference));
  const ids = updates.flatMap((update) => (update.type === "trade" ? [update.fillId] : []));
  assert.deepEqual(ids, [f.expectedFillTradeId], "the ids");
}

function orderTests({ test }: Kit): void {
  test(
    "the fill of an order is found though the venue dates it before the order was made",
    { needs: NEEDS },
    async (scene, f) => {
      await scene.world.advance(5_000);
      await assertFound(scene, f, f.expectedFillTimestampMs + CLOCK_DIFFERENCE_MS);
    },
  );

  test(
    "the fill of an order is found also when it is older than one request can ask for",
    {
      needs: NEEDS,
      scene: ({ historyLists, expectedFillTimestampMs }) => {
        const limits = limitsOf(historyLists.filter(({ of }) => of === "fills"));
        const ageMs = limits.length === 0 ? AN_HOUR_MS : 2.5 * Math.min(...limits);
        return { startMs: Math.floor(expectedFillTimestampMs) + ageMs };
      },
    },
    async (scene, f) => assertFound(scene, f, f.expectedFillTimestampMs - CLOCK_DIFFERENCE_MS),
  );
}
