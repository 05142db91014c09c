import type { Command } from "commander";
import type { PerpetualConnector } from "../../../../src/connector/perpetual-connector.ts";
import type { PositionAdjustment, TradeUpdate } from "../../../../src/model/account-update.ts";
import type { Decimal } from "../../../../src/model/decimal.ts";
import type { TradeFee } from "../../../../src/model/fee.ts";
import { feeAmounts } from "../../../../src/trading/fees.ts";
import type { InFlightOrder } from "../../../../src/trading/in-flight-order.ts";
import { type Since, since, sinceMs } from "../arguments.ts";
import type { Cli } from "../cli.ts";
import { addConnectionOptions, addJournalOption, type ConnectionFlags, withJournalIfFree } from "../connection.ts";
import { isoTime, Output } from "../output.ts";
import type { Column } from "../table.ts";
import { trackedOrders } from "../tracked-orders.ts";

interface HistoryFlags extends ConnectionFlags {
  readonly since: Since;
}

/** An execution as it is shown: `fill`, or why the venue traded by itself. */
interface Execution {
  readonly kind: "fill" | PositionAdjustment["reason"];
  readonly timestampMs: number;
  readonly tradingPair: string;
  readonly side: string;
  readonly price: Decimal;
  readonly amount: Decimal;
  readonly fee: Readonly<Record<string, Decimal>>;
  readonly isMaker: boolean | undefined;
  readonly clientOrderId: string | undefined;
  readonly exchangeOrderId: string | undefined;
  readonly fillId: string;
}

const EXECUTION_COLUMNS: readonly Column<Execution>[] = [
  { name: "time", value: ({ timestampMs }) => isoTime(timestampMs) },
  { name: "kind", value: ({ kind }) => kind },
  { name: "tradingPair", value: ({ tradingPair }) => tradingPair },
  { name: "side", value: ({ side }) => side },
  { name: "price", value: ({ price }) => price, align: "right" },
  { name: "amount", value: ({ amount }) => amount, align: "right" },
  { name: "fee", value: ({ fee }) => fee, align: "right" },
  { name: "isMaker", value: ({ isMaker }) => isMaker, isDetail: true },
  { name: "clientOrderId", value: ({ clientOrderId }) => clientOrderId, isDetail: true },
  { name: "exchangeOrderId", value: ({ exchangeOrderId }) => exchangeOrderId, isDetail: true },
  { name: "fillId", value: ({ fillId }) => fillId, isDetail: true },
];

const ORDER_COLUMNS: readonly Column<InFlightOrder>[] = [
  { name: "time", value: ({ lastUpdateMs }) => isoTime(lastUpdateMs) },
  { name: "clientOrderId", value: ({ clientOrderId }) => clientOrderId, isDetail: true },
  { name: "exchangeOrderId", value: ({ exchangeOrderId }) => exchangeOrderId, isDetail: true },
  { name: "tradingPair", value: ({ tradingPair }) => tradingPair },
  { name: "side", value: ({ side }) => side },
  { name: "type", value: ({ type }) => type, isDetail: true },
  { name: "price", value: ({ price }) => price, align: "right" },
  { name: "amount", value: ({ amount }) => amount, align: "right" },
  { name: "executedAmount", value: ({ executedAmount }) => executedAmount, align: "right", isDetail: true },
  { name: "state", value: ({ state }) => state },
  { name: "reason", value: ({ reason }) => reason, isDetail: true },
];

const REMARK = `
Fills come from the venue, whoever made the order; an amount is in base units. Ended orders come from the journal, as long
as it remembers them. At venues that tell fills only market by market, a history without a pair has the markets of open
positions, of open orders and of the journal.

Examples:
  perpwire history
  perpwire history BTC-USDT --since 7d --json | jq '.fills | length'`;

export function registerHistory(program: Command, cli: Cli): void {
  const command = program
    .command("history")
    .description("the account's fills at the venue, and orders of ours that have ended")
    .argument("[pair]", "one market only");
  addJournalOption(addConnectionOptions(command, cli))
    .option("--since <time>", "from then on: 30m, 24h, 7d or an ISO time", since, since("24h"))
    .addHelpText("after", REMARK)
    .action((pair: string | undefined, flags: HistoryFlags) => {
      const tradingPairs = pair === undefined ? [] : [pair];
      const remark = "ended orders are left out";
      return withJournalIfFree(cli, flags, { tradingPairs }, remark, (connector) =>
        showHistory(cli, flags, connector, pair),
      );
    });
}

async function showHistory(
  cli: Cli,
  flags: HistoryFlags,
  connector: PerpetualConnector,
  pair: string | undefined,
): Promise<void> {
  const { clock } = await cli.runtime();
  const fromMs = sinceMs(flags.since, clock.now());
  const isMeant = ({ tradingPair }: { readonly tradingPair: string }) => pair === undefined || tradingPair === pair;
  const pairs = pair === undefined ? await pairsOf(connector) : [pair];
  const ids = clientOrderIds(connector);
  const history = (await connector.fetchTradeHistory(fromMs, pairs)).filter(isMeant);
  const fills = history.map((update) => executionOf(update, ids));
  const orders = connector.doneOrders.filter((order) => isMeant(order) && order.lastUpdateMs >= fromMs);
  const output = new Output(cli, flags);
  if (output.isJson) {
    const fieldsOf = <Row>(columns: readonly Column<Row>[], row: Row) =>
      Object.fromEntries(columns.map(({ name, value }) => [name, value(row)]));
    output.json({
      since: isoTime(fromMs),
      fills: fills.map((fill) => fieldsOf(EXECUTION_COLUMNS, fill)),
      orders: orders.map((order) => fieldsOf(ORDER_COLUMNS, order)),
    });
    return;
  }
  await output.rows(EXECUTION_COLUMNS, fills, `no fills since ${isoTime(fromMs)}`);
  await output.rows(ORDER_COLUMNS, orders, "no ended orders in the journal");
}

async function pairsOf(connector: PerpetualConnector): Promise<readonly string[]> {
  const rows = [
    ...connector.positions(),
    ...connector.doneOrders,
    ...connector.inFlightOrders.values(),
    ...(await connector.fetchOpenOrders()),
  ];
  return [...new Set(rows.map(({ tradingPair }) => tradingPair))];
}

/** Maps the venue's ids to client ids: many venues name only the former in a fill. */
function clientOrderIds(connector: PerpetualConnector): ReadonlyMap<string, string> {
  const orders = [...connector.doneOrders, ...trackedOrders(connector)];
  return new Map(orders.flatMap((order) => order.exchangeOrderIds.map((id) => [id, order.clientOrderId] as const)));
}

function executionOf(update: TradeUpdate | PositionAdjustment, ids: ReadonlyMap<string, string>): Execution {
  const { tradingPair, price, timestampMs, fee } = update;
  const amount = update.amount.abs();
  const common = { timestampMs, tradingPair, price, amount, fee: feesOf(fee, { tradingPair, price, amount }) };
  if (update.type === "positionAdjustment") {
    const side = update.amount.isNegative() ? "sell" : "buy";
    const ids = { clientOrderId: undefined, exchangeOrderId: undefined, fillId: update.adjustmentId };
    return { ...common, ...ids, kind: update.reason, side, isMaker: undefined };
  }
  const { side, isMaker, exchangeOrderId, fillId } = update;
  const clientOrderId = ids.get(exchangeOrderId) ?? update.clientOrderId;
  const kind = update.liquidation === true ? "liquidation" : "fill";
  return { ...common, kind, side, isMaker, clientOrderId, exchangeOrderId, fillId };
}

function feesOf(fee: TradeFee | undefined, trade: Parameters<typeof feeAmounts>[1]): Readonly<Record<string, Decimal>> {
  return fee === undefined ? {} : Object.fromEntries(feeAmounts(fee, trade));
}
