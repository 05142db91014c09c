import fc from "fast-check";
import { describe, expect, it } from "vitest";
import type { EngineEvent } from "../../../src/paper/engine/types.ts";
import { START_MS } from "./harness.ts";
import { dump, Mirror } from "./mirror.ts";
import { ACCOUNTS, actions, aim, openAccounts, start } from "./random-commands.ts";

const RUNS = { seed: 20_220_914, numRuns: 300 };

describe("whatever the commands", () => {
  it("the books add up, no book is crossed, and events tell all that the views show, after each of them", () => {
    const seen = new Map<string, number>();
    fc.assert(
      fc.property(actions, (list) => {
        const engine = start();
        const mirror = new Mirror(engine);
        for (const [place, events] of openAccounts(engine).entries()) mirror.apply(events, place + 1);
        let nowMs = START_MS;
        for (const action of list) {
          nowMs += action.waitMs;
          const events = engine.execute(aim(engine, action), nowMs);
          for (const event of events) count(seen, event);
          mirror.apply(events);
          mirror.check();
        }
      }),
      RUNS,
    );
    expect(rare(seen)).toEqual([]);
  });

  it("a refusal changes nothing and says only that", () => {
    fc.assert(
      fc.property(actions, (list) => {
        const engine = start();
        openAccounts(engine);
        let nowMs = START_MS;
        for (const action of list) {
          nowMs += action.waitMs;
          engine.execute({ type: "advance" }, nowMs);
          const before = dump(engine);
          const events = engine.execute(aim(engine, action), nowMs);
          if (!events.some(({ type }) => type === "refused")) continue;
          expect(events).toHaveLength(1);
          expect(dump(engine)).toBe(before);
        }
      }),
      { ...RUNS, numRuns: 25 },
    );
  });

  it("after an advance no account is left below maintenance margin", () => {
    fc.assert(
      fc.property(actions, (list) => {
        const engine = start();
        openAccounts(engine);
        let nowMs = START_MS;
        for (const action of list) {
          nowMs += action.waitMs;
          engine.execute(aim(engine, action), nowMs);
          engine.execute({ type: "advance" }, nowMs);
          for (const accountId of ACCOUNTS) {
            const account = engine.account(accountId)!;
            expect(account.liquidating || account.positions.some(({ liquidating }) => liquidating)).toBe(false);
          }
        }
      }),
      { ...RUNS, numRuns: 40 },
    );
  });

  it("the same commands at the same times give the same events", () => {
    fc.assert(
      fc.property(actions, (list) => {
        const engines = [start(), start()] as const;
        for (const engine of engines) openAccounts(engine);
        let nowMs = START_MS;
        for (const action of list) {
          nowMs += action.waitMs;
          const [one, other] = engines.map((engine) => engine.execute(aim(engine, action), nowMs));
          expect(one).toEqual(other);
        }
        expect(dump(engines[0])).toBe(dump(engines[1]));
      }),
      { ...RUNS, numRuns: 25 },
    );
  });
});

function count(seen: Map<string, number>, event: EngineEvent): void {
  const names = [event.type as string];
  if (event.type === "refused") names.push(event.code);
  if (event.type === "orderClosed") names.push(`closed ${event.order.closeReason}`);
  if (event.type === "liquidated") names.push(`liquidated ${event.marginMode} ${event.positionSide}`);
  if (event.type === "fill" && event.fill.takeover) names.push("takeover");
  if (event.type === "fundingPaid") names.push(`funding ${event.payment.positionSide}`);
  if (event.type === "cashChanged") names.push(`cash ${event.reason}`);
  for (const name of names) seen.set(name, (seen.get(name) ?? 0) + 1);
}

/** What the random commands must have brought about, or the property above proves little. */
function rare(seen: Map<string, number>): string[] {
  const wanted = [
    "fill",
    "fundingPaid",
    "liquidated",
    "cash insurance",
    "closed filled",
    "closed user",
    "closed postOnly",
    "closed iocRemainder",
    "closed fokUnfilled",
    "closed selfTrade",
    "closed reduceOnly",
    "closed liquidation",
    "closed amended",
    "insufficientMargin",
    "invalidReduceOnly",
    "duplicateClientId",
    "orderClosed",
    "liquidating",
    "orderAmended",
    "isolatedMarginAdjusted",
    "liquidated cross both",
    "liquidated cross long",
    "liquidated cross short",
    "liquidated isolated both",
    "liquidated isolated long",
    "liquidated isolated short",
    "takeover",
    "deleveraged",
    "funding long",
    "funding short",
    "positionModeChanged",
    "marginModeChanged",
    "positionSideMismatch",
    "tooManyOrders",
    "sizeBelowFilled",
    "unchanged",
    "leverageUnchanged",
    "positionsOpen",
    "ordersOpen",
    "notIsolated",
    "noPosition",
  ];
  return wanted.filter((name) => (seen.get(name) ?? 0) < 5);
}
