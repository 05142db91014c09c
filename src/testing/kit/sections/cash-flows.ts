import type { CashFlow } from "../../../model/cash-flow.ts";
import type { OnUnreadable, UnreadableRow } from "../../../net/rows.ts";
import { assert } from "../assertion.ts";
import { createComponents } from "../components.ts";
import { eachChanged } from "../each-changed.ts";
import { COMPONENTS, type Kit, rejection } from "../register.ts";
import type { Scene } from "../scene.ts";
import { venueAtUser } from "../venue-at.ts";

const HOUR_MS = 3_600_000;

export function cashFlowTests({ describe, test, fixtures }: Kit): void {
  if (venueAtUser(fixtures).derivative.fetchCashFlows === undefined) return;
  describe("cash flows", () => {
    test(
      "the postings that made the account richer or poorer are told once each, and no others",
      { needs: [...COMPONENTS, "cashFlowsMockResponse", "expectedCashFlows"] },
      async (scene, f) => {
        scene.route(f.cashFlowsMockResponse);
        const flows = await scene.run(readFlows(scene));
        assert.deepEqual(flows.map(shown).sort(), f.expectedCashFlows.map(shown).sort(), "the cash flows");
        assert.ok(new Set(times(flows)).size > 1, "expectedCashFlows are all of one time: nothing shows their order");
        const inOrder = [...times(flows)].sort((a, b) => a - b);
        assert.deepEqual(times(flows), inOrder, "the times of the cash flows, oldest first");
        assert.equal(new Set(ids(flows)).size, flows.length, "the number of different ids");
        assert.deepEqual(ids(await scene.run(readFlows(scene))), ids(flows), "the ids when they are read again");
      },
    );

    for (const [title, spoil] of SPOILT) {
      test(
        `a posting ${title} is left out and reported, and those beside it are told`,
        { needs: [...COMPONENTS, "cashFlowsMockResponse", "expectedCashFlows"] },
        async (scene, f) => {
          const unreadable: UnreadableRow[] = [];
          const routes = scene.fill(f.cashFlowsMockResponse);
          const withOneMore = routes.map((route) => ({ ...route, body: withSpoiltRow(route.body, spoil) }));
          assert.ok(hasAmount(routes), "no row of cashFlowsMockResponse has a number with a fraction");
          scene.route(withOneMore);
          const flows = await scene.run(readFlows(scene, (row) => void unreadable.push(row)));
          assert.deepEqual(flows.map(shown).sort(), f.expectedCashFlows.map(shown).sort(), "the cash flows");
          assert.ok(unreadable.length > 0, "nobody was told of a posting that cannot be read");
        },
      );
    }

    test(
      "a list of postings that cannot be had is an error, and no empty list",
      { needs: [...COMPONENTS, "cashFlowsMockResponse"] },
      async (scene, f) => {
        for (const { method, path } of scene.fill(f.cashFlowsMockResponse)) {
          scene.server.on(method, path, { status: 503, text: "<html>" });
        }
        await rejection(scene, readFlows(scene));
      },
    );
  });
}

/** Amounts in the place of those of a row. */
const SPOILT = [
  ["whose amounts cannot be read", "much"],
  ["that lacks its amounts", undefined],
] as const;
type Spoilt = (typeof SPOILT)[number][1];

/** Lists of rows with one more row each, with other amounts and with ids of its own. */
function withSpoiltRow(value: unknown, spoil: Spoilt): unknown {
  if (!Array.isArray(value)) return eachChanged(value, (each) => withSpoiltRow(each, spoil));
  const row: unknown = value.findLast(hasAmount);
  return row === undefined ? value : [...value, spoilt(row, spoil)];
}

/** True for numbers with a fraction, as amounts are, and for what has one in it. */
function hasAmount(value: unknown): boolean {
  if (typeof value === "object" && value !== null) return Object.values(value).some(hasAmount);
  return /^-?\d+\.\d+$/.test(String(value));
}

/** `name`: of the field that it is in. */
function spoilt(value: unknown, spoil: Spoilt, name = ""): unknown {
  if (typeof value === "object") return eachChanged(value, (each, own = name) => spoilt(each, spoil, own));
  if (hasAmount(value)) return spoil;
  if (!/id$/i.test(name) || !/^\d+$/.test(String(value))) return value;
  return typeof value === "number" ? value + 1_000 : `${String(value)}9`;
}

function readFlows(scene: Scene, onUnreadable?: OnUnreadable): Promise<readonly CashFlow[]> {
  const { fetchCashFlows } = scene.venue.derivative;
  if (fetchCashFlows === undefined) return assert.fail("the derivative has no `fetchCashFlows`");
  const context = { ...createComponents(scene).context(), ...(onUnreadable && { onUnreadable }) };
  return fetchCashFlows(context, scene.fixtures.startMs - HOUR_MS);
}

type Shown = Omit<CashFlow, "amount" | "cashFlowId"> & { readonly amount: { toString(): string } };

const shown = ({ kind, tradingPair, asset, amount, sourceId, timestampMs }: Shown): string =>
  [kind, tradingPair, asset, amount.toString(), sourceId, timestampMs].join(" ");
const ids = (flows: readonly CashFlow[]): readonly string[] => flows.map(({ cashFlowId }) => cashFlowId);
const times = (flows: readonly CashFlow[]): readonly number[] => flows.map(({ timestampMs }) => timestampMs);
