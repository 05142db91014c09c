import { describe, expect, it } from "vitest";
import { reportOf } from "../../packages/cli/src/demo/report.ts";
import { lineText, paintAnsi, paintNothing, screenText } from "../../packages/cli/src/demo/screen-text.ts";
import { type DemoView, DemoViewer } from "../../packages/cli/src/demo/view.ts";
import { Decimal } from "../../src/model/decimal.ts";
import { simulateDemo } from "./demo-scene.ts";

const d = (text: string) => new Decimal(text);
const nothing = Number.NaN;

const empty: DemoView = {
  connector: "ftx_perpetual",
  seed: 7,
  isChaos: false,
  phase: "trading",
  elapsedMs: 0,
  durationMs: undefined,
  markets: ["BTC", "ETH"].map((base) => ({
    tradingPair: `${base}-USD`,
    bookProblem: "not there yet",
    bids: [],
    asks: [],
    positions: [],
    fundingRate: undefined,
    quotes: [],
  })),
  fills: [],
  notes: [],
  equity: d("0"),
  cash: d("0"),
  available: d("0"),
  pnl: d("0"),
  leverage: d("5"),
  fees: d("0"),
  funding: d("0"),
  orders: { placed: 0, open: 0, filled: 0, canceled: 0, failed: 0, unknown: 0, resolved: 0 },
  fillCount: 0,
  fundingCount: 0,
  gaps: 0,
  bookHeals: 0,
  messagesPerSecond: 0,
  requestsPerSecond: 0,
  latencyP50Ms: nothing,
  orderP50Ms: nothing,
  orderP99Ms: nothing,
  frameP50Ms: nothing,
  frameP99Ms: nothing,
  latencyP99Ms: nothing,
};

/** A run's views, one a second, and long texts in the last one. */
async function viewsOfARun(): Promise<readonly DemoView[]> {
  const views: DemoView[] = [];
  await simulateDemo(5, {
    isChaos: true,
    durationMs: 12_000,
    onReady: (state) => {
      const viewer = new DemoViewer(state);
      const context = { connectorName: "ftx_perpetual", seed: 5, isChaos: true, durationMs: 12_000 };
      let nowMs = 0;
      state.connector.on("trade", () => {
        nowMs += 100;
        views.push(viewer.view({ ...context, phase: "trading", nowMs: state.startedMs + nowMs }));
      });
    },
  });
  const last = views.at(-1) ?? empty;
  const note = { timestampMs: 0, text: "account gap: ".repeat(20) };
  return [empty, ...views, { ...last, notes: [note], seed: 123_456_789, phase: "reconciling" }];
}

// biome-ignore lint/suspicious/noControlCharactersInRegex: styles are escape sequences
const withoutStyles = (text: string) => text.replace(/\u001b\[\d+m/g, "");

describe("the demo's screen", async () => {
  const views = await viewsOfARun();

  it("has views of a run to draw", () => {
    expect(views.length).toBeGreaterThan(50);
    expect(
      views.some(({ fills, markets }) => fills.length > 0 && markets.some(({ quotes }) => quotes.length > 1)),
    ).toBe(true);
  });

  it.each([60, 80, 120, 200])("never is wider than %i columns or higher than 23 lines", (columns) => {
    for (const view of views) {
      const lines = screenText(view, columns, paintNothing).split("\n");
      expect(lines.length).toBeLessThanOrEqual(23);
      for (const line of lines) expect(line.length, line).toBeLessThanOrEqual(columns);
    }
  });

  it("always has the same number of lines, so that nothing jumps", () => {
    const heights = views.map((view) => screenText(view, 80, paintNothing).split("\n").length);
    expect(new Set(heights)).toEqual(new Set([23]));
  });

  it("shows no raw value", () => {
    for (const view of views) {
      expect(screenText(view, 80, paintNothing)).not.toMatch(/undefined|NaN|null|\[object/);
      expect(lineText(view)).not.toMatch(/undefined|NaN|null|\[object|\n/);
    }
  });

  it("says the same with colours as without", () => {
    for (const view of views) {
      expect(withoutStyles(screenText(view, 80, paintAnsi))).toBe(screenText(view, 80, paintNothing));
    }
  });

  it("shows both legs of a hedge, on the screen and in a line", async () => {
    const screens: { screen: string; line: string }[] = [];
    const { result } = await simulateDemo(7, {
      connectorName: "bybit_perpetual",
      isHedge: true,
      durationMs: 30_000,
      onReady: (state) => {
        const viewer = new DemoViewer(state);
        const context = { connectorName: "bybit_perpetual", seed: 7, isChaos: false, durationMs: 30_000 };
        state.connector.on("position", () => {
          const view = viewer.view({ ...context, phase: "trading", nowMs: state.startedMs });
          if (!view.markets.some(({ positions }) => positions.length === 2)) return;
          screens.push({ screen: screenText(view, 80, paintNothing), line: lineText(view) });
        });
      },
    });
    expect(screens.length).toBeGreaterThan(0);
    for (const { screen, line } of screens) {
      expect(screen).toMatch(/long [\d.]+ @ [\d.]+ {2}PnL/);
      expect(screen).toMatch(/short [\d.]+ @ [\d.]+ {2}PnL/);
      expect(screen.split("\n")).toHaveLength(23);
      expect(line).toMatch(/position (long [\d.]+ and short|short [\d.]+ and long) [\d.]+/);
    }
    const { account } = reportOf(result, { seed: 7, isChaos: false, connector: "bybit_perpetual" });
    expect(account.netProfit.toFixed()).toBe(account.endingBalance.minus(account.startingBalance).toFixed());
    expect(account.fees.isZero()).toBe(false);
  });

  it("marks the levels where our quotes rest", () => {
    const view = views.find(({ markets }) => markets[0]?.bids.some(({ isOurs }) => isOurs)) ?? empty;
    expect(screenText(view, 80, paintNothing)).toContain("●");
  });
});
