import type { Decimal } from "../../../../src/model/decimal.ts";
import { splitTradingPair } from "../../../../src/model/market.ts";
import { formatIsoTime } from "../../../../src/model/time.ts";
import type { LedgerFill } from "../../../../src/simulation/ledger.ts";
import { microsText } from "../micros-text.ts";
import type { DemoView, MarketView, PositionView, ViewLevel } from "./view.ts";

export type Style = "bold" | "dim" | "green" | "red" | "yellow" | "cyan";
/** Puts a style around text; the identity where colours are not wanted. */
export type Paint = (style: Style, text: string) => string;

const CODES: Readonly<Record<Style, readonly [on: number, off: number]>> = {
  bold: [1, 22],
  dim: [2, 22],
  green: [32, 39],
  red: [31, 39],
  yellow: [33, 39],
  cyan: [36, 39],
};
const ESCAPE = "\u001b[";

export const paintAnsi: Paint = (style, text) => `${ESCAPE}${CODES[style][0]}m${text}${ESCAPE}${CODES[style][1]}m`;
export const paintNothing: Paint = (_style, text) => text;

const MIN_COLUMNS = 60;
const MAX_COLUMNS = 132;
const LEVELS = 5;
const ROWS = 5;
const DIVIDER = " │ ";
const MONEY_DIGITS = 2;

/** Text with the columns that it takes; styles take none. */
interface Cell {
  readonly text: string;
  readonly width: number;
}

/** The whole screen: never wider than `columns` (from 60 up), and at most 23 lines, so that it fits into 80 by 24. */
export function screenText(view: DemoView, columns: number, paint: Paint): string {
  const width = Math.min(Math.max(columns, MIN_COLUMNS), MAX_COLUMNS);
  const half = Math.floor((width - DIVIDER.length) / 2);
  const panels = view.markets.map((market) => marketPanel(market, half, paint));
  const fills = view.fills.map((fill) => fillCell(fill, half, paint));
  const notes = view.notes.map(({ timestampMs, text }) => cut(`${clockText(timestampMs)} ${text}`, half));
  return [
    titleLine(view, width, paint),
    rule(width, paint),
    ...sideBySide(panels[0] ?? [], panels[1] ?? [], 4 + LEVELS, half, paint),
    rule(width, paint),
    ...sideBySide(
      [heading("last fills", paint), ...fills],
      [heading("events", paint), ...notes],
      1 + ROWS,
      half,
      paint,
    ),
    rule(width, paint),
    ...footer(view, width, paint),
  ].join("\n");
}

function titleLine(view: DemoView, width: number, paint: Paint): string {
  const { connector, seed, isChaos, phase, elapsedMs, durationMs } = view;
  const time =
    durationMs === undefined ? durationText(elapsedMs) : `${durationText(elapsedMs)} of ${durationText(durationMs)}`;
  const left = `perpwire demo  ${connector}  seed ${seed}${isChaos ? "  chaos" : ""}`;
  const doubt = view.orders.unknown === 0 ? "" : `, waiting for news of ${view.orders.unknown}`;
  const ending = durationMs === undefined ? "  Ctrl-C ends" : "";
  const right = phase === "trading" ? `${time}${ending}` : `${phase}${doubt}`;
  const shown = cut(left, width - right.length - 1);
  const gap = " ".repeat(Math.max(1, width - shown.width - right.length));
  return `${paint("bold", shown.text)}${gap}${paint(phase === "trading" ? "dim" : "yellow", right)}`;
}

function marketPanel(market: MarketView, width: number, paint: Paint): Cell[] {
  const [first, ...others] = market.positions.map((position) => positionCell(position, width, paint));
  const positions = [first ?? styled("dim", cut("no position", width), paint), ...others];
  // The second leg of a hedge takes the place of a level: the screen stays as high as it is.
  const levels = LEVELS + 1 - positions.length;
  return [
    marketHeading(market, width, paint),
    ...positions,
    ...bookCells(market, levels, width, paint),
    quotesCell(market, width, paint),
  ];
}

function marketHeading({ tradingPair, fundingRate, bookProblem }: MarketView, width: number, paint: Paint): Cell {
  const rate = fundingRate === undefined ? "-" : `${fundingRate.times(100).toFixed(5)} %`;
  const name = cut(tradingPair, width);
  const rest = cut(bookProblem === undefined ? `  funding rate ${rate}` : `  book: ${bookProblem}`, width - name.width);
  const text = `${paint("bold", name.text)}${paint(bookProblem === undefined ? "dim" : "yellow", rest.text)}`;
  return { text, width: name.width + rest.width };
}

function positionCell({ amount, entryPrice, unrealizedPnl }: PositionView, width: number, paint: Paint): Cell {
  const left = cut(
    `${sideOf(amount)} ${amount.abs().toFixed()} @ ${entryPrice.toDecimalPlaces(4).toFixed()}  PnL `,
    width,
  );
  const pnl = cut(unrealizedPnl === undefined ? "-" : signedMoney(unrealizedPnl), width - left.width);
  return { text: `${left.text}${paintSign(unrealizedPnl, pnl.text, paint)}`, width: left.width + pnl.width };
}

function sideOf(amount: Decimal): string {
  return amount.isNegative() ? "short" : "long";
}

function bookCells({ bids, asks }: MarketView, levels: number, width: number, paint: Paint): Cell[] {
  const side = Math.floor((width - 1) / 2);
  const head = `${"amount      bid".padStart(side)} ${"ask      amount".padEnd(side)}`;
  const rows = Array.from({ length: levels }, (_, rank) => {
    const bid = levelText(bids[rank], side, "bid");
    const ask = levelText(asks[rank], side, "ask");
    const text = `${paintLevel(bids[rank], "green", bid, paint)} ${paintLevel(asks[rank], "red", ask, paint)}`;
    return { text, width: 2 * side + 1 };
  });
  return [styled("dim", cut(head, width), paint), ...rows];
}

/** Amounts outside, prices inside, a mark where an order of ours rests. */
function levelText(level: ViewLevel | undefined, width: number, side: "bid" | "ask"): string {
  if (level === undefined) return " ".repeat(width);
  const mark = level.isOurs ? "●" : " ";
  const room = width - level.price.length - 3;
  const amount = level.amount.slice(0, Math.max(0, room));
  return side === "bid"
    ? `${mark} ${amount.padStart(Math.max(0, room))} ${level.price}`
    : `${level.price} ${amount.padEnd(Math.max(0, room))} ${mark}`;
}

function paintLevel(level: ViewLevel | undefined, style: Style, text: string, paint: Paint): string {
  return level?.isOurs === true ? paint("bold", paint(style, text)) : paint(style, text);
}

function quotesCell({ quotes }: MarketView, width: number, paint: Paint): Cell {
  const text = quotes.map(({ side, amount, price, state }) => {
    const doubt = state === "open" || state === "partiallyFilled" ? "" : ` ${state}`;
    return `${side} ${amount} @ ${price}${doubt}`;
  });
  return styled("cyan", cut(text.length === 0 ? "no orders" : text.join(", "), width), paint);
}

function fillCell(fill: LedgerFill, width: number, paint: Paint): Cell {
  const { timestampMs, tradingPair, side, amount, price, isMaker, fee } = fill;
  const left = cut(`${clockText(timestampMs)} ${splitTradingPair(tradingPair)[0]} `, width);
  const what = cut(`${side.padEnd(4)} ${amount.toFixed()} @ ${price.toFixed()}`, width - left.width);
  const kind = ` ${isMaker ? "maker" : "taker"}`;
  const cost = `${kind} fee ${fee.toDecimalPlaces(4).toFixed()}`;
  const room = width - left.width - what.width;
  const rest = cut(cost.length <= room ? cost : kind, room);
  const text = `${left.text}${paint(side === "buy" ? "green" : "red", what.text)}${paint("dim", rest.text)}`;
  return { text, width: left.width + what.width + rest.width };
}

function footer(view: DemoView, width: number, paint: Paint): string[] {
  const { equity, cash, available, pnl, fees, funding, orders } = view;
  const sums = `equity ${moneyText(equity)}  cash ${moneyText(cash)}  available ${moneyText(available)}`;
  const money = cut(`${sums}  PnL `, width);
  const gain = cut(signedMoney(pnl), width - money.width);
  const { placed, open, filled, canceled, failed, unknown, resolved } = orders;
  const doubt = unknown + resolved === 0 ? "" : `  answers lost ${unknown + resolved}, resolved ${resolved}`;
  const lines = [
    `fills ${view.fillCount}  fees ${moneyText(fees)}  funding ${signed(funding, 8)} in ${view.fundingCount} payments`,
    `orders ${placed}  open ${open}  filled ${filled}  canceled ${canceled}  failed ${failed}${doubt}`,
    `messages/s ${view.messagesPerSecond.toFixed(0)}  requests/s ${view.requestsPerSecond.toFixed(0)}  ` +
      `book p50 ${millisText(view.latencyP50Ms)} p99 ${millisText(view.latencyP99Ms)}  ` +
      `frame p50 ${microsText(view.frameP50Ms)} p99 ${microsText(view.frameP99Ms)}  ` +
      `order p50 ${millisText(view.orderP50Ms)} p99 ${millisText(view.orderP99Ms)}  ` +
      `heals ${view.bookHeals}  gaps ${view.gaps}`,
  ];
  const [fillsLine = "", ordersLine = "", linkLine = ""] = lines.map((line) => cut(line, width).text);
  const leverage = cut(`  leverage ${view.leverage.toFixed()}x`, width - money.width - gain.width);
  return [
    `${money.text}${paintSign(pnl, gain.text, paint)}${leverage.text}`,
    fillsLine,
    ordersLine,
    paint("dim", linkLine),
  ];
}

/** The demo in one line, for output that is not a terminal. */
export function lineText(view: DemoView): string {
  const markets = view.markets.map(({ tradingPair, bids, asks, positions }) => {
    const [bid = "-", ask = "-"] = [bids[0]?.price, asks[0]?.price];
    return `${tradingPair} ${bid}/${ask} position ${positionsText(positions)}`;
  });
  return [
    `${durationText(view.elapsedMs)} ${view.phase}`,
    ...markets,
    `orders ${view.orders.placed} open ${view.orders.open} unknown ${view.orders.unknown}`,
    `fills ${view.fillCount}`,
    `funding ${signed(view.funding, 6)} (${view.fundingCount})`,
    `equity ${moneyText(view.equity)} cash ${moneyText(view.cash)} PnL ${signedMoney(view.pnl)}`,
    `messages/s ${view.messagesPerSecond.toFixed(0)}`,
    `latency p50 ${millisText(view.latencyP50Ms)} p99 ${millisText(view.latencyP99Ms)}`,
    `frame p50 ${microsText(view.frameP50Ms)} p99 ${microsText(view.frameP99Ms)}`,
    `order p50 ${millisText(view.orderP50Ms)} p99 ${millisText(view.orderP99Ms)}`,
    `heals ${view.bookHeals} gaps ${view.gaps}`,
  ].join(" | ");
}

/** Both legs of a hedge, each by its side: their difference would hide them. */
function positionsText(positions: readonly PositionView[]): string {
  const [first] = positions;
  if (positions.length < 2) return first === undefined ? "0" : first.amount.toFixed();
  return positions.map(({ amount }) => `${sideOf(amount)} ${amount.abs().toFixed()}`).join(" and ");
}

function sideBySide(left: readonly Cell[], right: readonly Cell[], rows: number, half: number, paint: Paint): string[] {
  const divider = paint("dim", DIVIDER);
  return Array.from({ length: rows }, (_, row) => {
    const [one, other] = [left[row], right[row]];
    return `${one?.text ?? ""}${" ".repeat(half - (one?.width ?? 0))}${divider}${other?.text ?? ""}`;
  });
}

function heading(text: string, paint: Paint): Cell {
  return { text: paint("dim", text), width: text.length };
}

function styled(style: Style, { text, width }: Cell, paint: Paint): Cell {
  return { text: paint(style, text), width };
}

function cut(text: string, width: number): Cell {
  const room = Math.max(0, width);
  const shown = text.length <= room ? text : room === 0 ? "" : `${text.slice(0, room - 1)}…`;
  return { text: shown, width: shown.length };
}

function rule(width: number, paint: Paint): string {
  return paint("dim", "─".repeat(width));
}

function paintSign(value: Decimal | undefined, text: string, paint: Paint): string {
  if (value === undefined || value.isZero()) return text;
  return paint(value.isNegative() ? "red" : "green", text);
}

function moneyText(value: Decimal): string {
  return value.toFixed(MONEY_DIGITS);
}

function signedMoney(value: Decimal): string {
  return signed(value, MONEY_DIGITS);
}

function signed(value: Decimal, digits: number): string {
  const text = value.toFixed(digits);
  return value.gt(0) ? `+${text}` : text;
}

function millisText(value: number): string {
  return Number.isFinite(value) ? `${value.toFixed(1)} ms` : "-";
}

function durationText(durationMs: number): string {
  const seconds = Math.floor(durationMs / 1_000);
  const [minutes, rest] = [Math.floor(seconds / 60), seconds % 60];
  return `${String(minutes).padStart(2, "0")}:${String(rest).padStart(2, "0")}`;
}

function clockText(timestampMs: number): string {
  return formatIsoTime(timestampMs).slice(11, 19);
}
