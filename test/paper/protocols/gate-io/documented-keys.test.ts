import { afterEach, expect, it } from "vitest";
import { BTC, type Harness, startVenue, type Wire } from "./harness.ts";

/** Names of the documented examples. */
const REST = {
  contract:
    "config_change_time contract_type cross_leverage_default enable_decimal funding_interval funding_next_apply funding_rate funding_rate_indicative funding_rate_limit in_delisting index_price last_price launch_time leverage_max leverage_min maintenance_rate maker_fee_rate mark_price mark_price_round mark_type market_order_size_max name order_price_deviate order_price_round order_size_max order_size_min orderbook_id orders_limit position_size quanto_multiplier risk_limit_base risk_limit_max risk_limit_step status taker_fee_rate trade_id trade_size type",
  "order book": "asks bids current id update",
  trade: "contract create_time create_time_ms id price size",
  candle: "c h l o sum t v",
  ticker:
    "change_percentage contract funding_rate funding_rate_indicative high_24h highest_bid highest_size index_price last low_24h lowest_ask lowest_size mark_price quanto_base_rate total_size volume_24h volume_24h_base volume_24h_quote volume_24h_settle",
  account:
    "available bonus cross_available cross_initial_margin cross_maintenance_margin cross_margin_balance cross_order_margin cross_unrealised_pnl currency enable_credit enable_evolved_classic history in_dual_mode isolated_position_margin margin_mode order_margin point position_margin position_mode total unrealised_pnl user",
  history: "bonus_dnw bonus_offset dnw fee fund pnl point_dnw point_fee point_refr refr",
  "resting order":
    "amend_text contract create_time fill_price iceberg id is_close is_liq is_reduce_only left mkfr price refu size status stp_act stp_id text tif tkfr update_time user",
  "finished order":
    "amend_text contract create_time fill_price finish_as finish_time iceberg id is_close is_liq is_reduce_only left mkfr price refu size status stp_act stp_id text tif tkfr update_time user",
  fill: "close_size contract create_time fee id order_id point_fee price role size text trade_value",
  "fill of a timerange":
    "close_size contract create_time fee order_id point_fee price role size text trade_id trade_value",
  position:
    "adl_ranking close_order contract cross_leverage_limit entry_price history_pnl initial_margin last_close_pnl lever leverage leverage_max liq_price maintenance_margin maintenance_rate margin mark_price mode open_time pending_orders pnl_fee pnl_fund pnl_pnl pos_margin_mode realised_pnl risk_limit size unrealised_pnl update_id update_time user value",
  posting: "balance change contract id text time trade_id type",
};
const FRAMES = {
  order_book_update: "U a b l s t u",
  book_ticker: "A B a b s t u",
  trades: "contract create_time create_time_ms id price size",
  tickers:
    "change_percentage contract funding_rate funding_rate_indicative high_24h index_price last low_24h mark_price quanto_base_rate total_size volume_24h volume_24h_base volume_24h_quote volume_24h_settle",
  candlesticks: "a c h l n o t v",
  orders:
    "amend_text biz_info contract create_time create_time_ms fill_price finish_as finish_time finish_time_ms iceberg id is_close is_liq is_reduce_only left mkfr price refr refu size status stop_loss_price stop_profit_price stp_act stp_id text tif tkfr update_id update_time user",
  usertrades: "contract create_time create_time_ms fee id order_id point_fee price role size text",
  positions:
    "contract cross_leverage_limit entry_price history_pnl history_point last_close_pnl leverage leverage_max liq_price maintenance_rate margin mode realised_pnl realised_point risk_limit size time time_ms update_id user",
  balances: "balance change currency text time time_ms type user",
};

let gate: Harness;
afterEach(() => gate.venue.stop());

const missing = (names: string, row: Wire): readonly string[] => names.split(" ").filter((name) => !(name in row));

it("every field of the documented rows is there", async () => {
  gate = await startVenue({ fundingIntervalMs: 60_000 });
  const socket = await gate.socket();
  for (const channel of ["orders", "usertrades", "positions", "balances"]) await socket.listen(channel);
  for (const channel of ["trades", "tickers", "book_ticker"]) await socket.subscribe(channel, [BTC]);
  await socket.subscribe("order_book_update", [BTC, "100ms", "100"]);
  await socket.subscribe("candlesticks", ["1m", BTC]);
  const resting = await gate.place({ text: "t-rests" });
  await gate.hold(20);
  await gate.advance(61_000);
  const one = async (path: string): Promise<Wire> => {
    const { body } = await gate.call("GET", path);
    return Array.isArray(body) ? body[0] : body;
  };
  const account = await one("/accounts");
  const rows: Readonly<Record<keyof typeof REST, Wire>> = {
    contract: await one(`/contracts/${BTC}`),
    "order book": await one(`/order_book?contract=${BTC}&with_id=true`),
    trade: await one(`/trades?contract=${BTC}`),
    candle: await one(`/candlesticks?contract=${BTC}`),
    ticker: await one(`/tickers?contract=${BTC}`),
    account,
    history: account.history,
    "resting order": resting,
    "finished order": await one("/orders?status=finished"),
    fill: await one("/my_trades"),
    "fill of a timerange": await one("/my_trades_timerange"),
    position: await one("/positions?holding=true"),
    posting: await one("/account_book?type=fund"),
  };
  for (const [name, names] of Object.entries(REST)) {
    expect([name, missing(names, rows[name as keyof typeof REST])]).toEqual([name, []]);
  }
  for (const [channel, names] of Object.entries(FRAMES)) {
    const { result } = socket.of(channel).at(-1);
    expect([channel, missing(names, Array.isArray(result) ? result[0] : result)]).toEqual([channel, []]);
  }
});
