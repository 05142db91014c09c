import type { PerpetualConnector } from "../../../../src/connector/perpetual-connector.ts";
import { type Decimal, ZERO } from "../../../../src/model/decimal.ts";
import { isAbort, PerpwireError } from "../../../../src/model/error.ts";
import type { PositionMode } from "../../../../src/model/order.ts";
import type { Credentials } from "../../../../src/net/auth.ts";
import { PaperControl } from "../../../../src/paper/control-client.ts";
import { CHAOS, type FaultConfig } from "../../../../src/paper/index.ts";
import type { Logger } from "../../../../src/runtime/logger.ts";
import { realWork } from "../../../../src/runtime/real-work.ts";
import type { Runtime } from "../../../../src/runtime/runtime.ts";
import { SeededRandom } from "../../../../src/runtime/simulated-random.ts";
import { type ReplayedAccount, replayAccount } from "../../../../src/simulation/account-replay.ts";
import {
  BOX_PROTOCOLS,
  type BoxConnector,
  type BoxProtocol,
  translated,
} from "../../../../src/simulation/box-protocols.ts";
import type { Section } from "../../../../src/simulation/compare-rows.ts";
import { ToldLedger } from "../../../../src/simulation/ledger.ts";
import {
  compareCash,
  compareFills,
  compareFunding,
  compareOpenOrders,
  compareOrders,
  comparePositions,
} from "../../../../src/simulation/sections.ts";
import type { VenueTruth } from "../../../../src/simulation/venue-truth.ts";
import { withFillsByOrder, withWholeAmends } from "../../../../src/simulation/whole-amends.ts";
import { trackedOrders } from "../tracked-orders.ts";
import { closePositions, endOrders, refreshAll, type SettleOptions } from "./settle.ts";
import { type DemoMarket, demoMarkets, Quoter } from "./strategy.ts";

/** Addresses and keys of the demo's venue; `perpwire venue --json` prints them. */
export interface DemoVenue {
  readonly rest: string;
  readonly ws: string;
  readonly control: string;
  readonly apiKey: string;
  readonly apiSecret: string;
  readonly passphrase?: string | undefined;
  /** Credentials in the form that the connector of each of its protocols wants. */
  readonly credentials: Readonly<Record<string, Credentials>>;
}

/** Times are milliseconds. */
export interface DemoOptions {
  readonly runtime: Runtime;
  readonly connectorName: BoxConnector;
  /** Hedge mode instead of one-way mode; rejects with `ConfigError` where the venue has none. */
  readonly isHedge: boolean;
  readonly venue: DemoVenue;
  readonly seed: number;
  /** Trading time; until `stop` fires when absent. */
  readonly durationMs: number | undefined;
  readonly fundingIntervalMs: number;
  readonly isChaos: boolean;
  /** Amends quotes again and again without waiting, and cancels at random. */
  readonly isRestless?: boolean | undefined;
  readonly journalPath: string;
  /** Ends the trading, not the settlement after it. */
  readonly stop: AbortSignal;
  /** Ends everything: the venue is gone. The demo then rejects with its reason. */
  readonly abort: AbortSignal;
  readonly logger?: Logger | undefined;
  /** Called once, when the connector is ready. */
  onReady?(state: DemoState): void;
  /** Called when a phase begins. */
  onPhase?(phase: DemoPhase): void;
  /** Called when nothing changes any more, before the connector stops. */
  onSettled?(): void;
}

/** `canceling` and `closing` are the way to a state that can be compared. */
export type DemoPhase = "trading" | "canceling" | "closing" | "reconciling";

/** The running demo, for whoever shows it. */
export interface DemoState {
  readonly connector: PerpetualConnector;
  readonly ledger: ToldLedger;
  readonly markets: readonly DemoMarket[];
  /** The asset of balances, fees, funding and profit. */
  readonly token: string;
  readonly startingBalance: Decimal;
  /** Monotonic. */
  readonly startedMs: number;
}

export interface DemoResult {
  readonly isReconciled: boolean;
  /** False: something was still open when patience ended; what it was stands among the differences. */
  readonly isSettled: boolean;
  readonly sections: readonly Section[];
  readonly tradingPairs: readonly string[];
  readonly positionMode: PositionMode;
  /** The asset of all amounts of money. */
  readonly token: string;
  readonly ledger: ToldLedger;
  readonly account: ReplayedAccount;
  readonly startingBalance: Decimal;
  readonly endingBalance: Decimal;
  readonly tradedMs: number;
  readonly settledMs: number;
  readonly metrics: ReturnType<PerpetualConnector["metrics"]>;
  /** Every gap was answered by a catch-up that ended. */
  readonly isCaughtUp: boolean;
}

const DEMO_LEVERAGE = "5";
const STEP_MS = 200;
/** A request is taken by the venue for 30 s, so an order whose answer was lost can stay unknown that long. */
const PATIENCE_MS = 90_000;
const RESTART_EVERY_MS = 20_000;

/** The rates of a bad day, and a restart within a short run. */
const DEMO_FAULTS: FaultConfig = { ...CHAOS, restartEveryMs: RESTART_EVERY_MS };

/** Connects, trades for a while, winds up and compares what the connector told with what the venue's engine knows. */
export async function runDemo(options: DemoOptions): Promise<DemoResult> {
  const { runtime, venue, connectorName, journalPath } = options;
  const { connect } = await realWork(import("../../../../src/connect.ts"));
  const protocol = BOX_PROTOCOLS[connectorName];
  const { token } = protocol;
  const markets = demoMarkets(protocol.quote);
  const tradingPairs = markets.map(({ tradingPair }) => tradingPair);
  const control = new PaperControl(runtime.http, venue.control, venue.apiKey);
  await using connector = await connect(connectorName, {
    runtime,
    tradingPairs,
    credentials: venue.credentials[protocol.name],
    restUrl: venue.rest,
    webSocketUrl: venue.ws,
    journalPath,
    logger: options.logger,
    timings: { resolutionBackOffMs: [250, 2_000] },
  });
  if (options.isHedge) await connector.setPositionMode("hedge");
  for (const tradingPair of tradingPairs) await connector.setLeverage(tradingPair, DEMO_LEVERAGE);
  const ledger = new ToldLedger(connector, token);
  const startingBalance = connector.balance(token);
  if (options.isChaos) await control.setFaults(DEMO_FAULTS);
  const startedMs = runtime.clock.monotonic();
  options.onReady?.({ connector, ledger, markets, token, startingBalance, startedMs });
  options.onPhase?.("trading");
  await trade(options, { connector, ledger, markets, protocol });
  const tradedMs = runtime.clock.monotonic() - startedMs;
  const ports = { connector, ledger, runtime, patienceMs: PATIENCE_MS, abort: options.abort };
  const settled = await settle(options, ports, async () =>
    withWholeAmends(translated(await control.truth(), protocol), protocol),
  );
  options.onPhase?.("reconciling");
  const account = replayAccount(startingBalance, ledger.fills, ledger.fundingPayments);
  const sections = compare({ connector, ledger, protocol }, account, settled);
  options.onSettled?.();
  return {
    isReconciled: sections.every(({ differences }) => differences.length === 0),
    isSettled: settled.isSettled,
    sections,
    tradingPairs,
    positionMode: connector.positionMode,
    token,
    ledger,
    account,
    startingBalance,
    endingBalance: connector.balance(token),
    tradedMs,
    settledMs: runtime.clock.monotonic() - startedMs - tradedMs,
    metrics: connector.metrics(),
    isCaughtUp: connector.status().ordersCaughtUp === true,
  };
}

interface Trading {
  readonly connector: PerpetualConnector;
  readonly ledger: ToldLedger;
  readonly markets: readonly DemoMarket[];
  readonly protocol: BoxProtocol;
}

/** Until the time is over or somebody stops it. */
async function trade(options: DemoOptions, { connector, ledger, markets, protocol }: Trading): Promise<void> {
  const { runtime, seed, durationMs, stop, abort } = options;
  const { clock, timers } = runtime;
  const over = new AbortController();
  const signal = AbortSignal.any([stop, abort, over.signal]);
  const deadline = durationMs === undefined ? undefined : timers.after(durationMs, () => over.abort());
  const quoters = markets.map((market) => {
    const random = new SeededRandom(seed, `demo ${market.tradingPair}`);
    return new Quoter({ connector, ledger, market, random, clock, isRestless: options.isRestless === true });
  });
  const funding = protocol.announcesFunding ? undefined : pollFunding(options, connector, ledger, signal);
  try {
    for (;;) {
      for (const quoter of quoters) quoter.step();
      await timers.sleep(STEP_MS, signal);
    }
  } catch (error) {
    if (!isAbort(error)) throw error;
  } finally {
    over.abort();
    deadline?.cancel();
    await funding;
  }
}

/** Nothing announces payments here, and the connector polls for hourly ones: the demo's come every few seconds. */
async function pollFunding(
  { runtime, fundingIntervalMs }: DemoOptions,
  connector: PerpetualConnector,
  ledger: ToldLedger,
  signal: AbortSignal,
): Promise<void> {
  try {
    for (;;) {
      await runtime.timers.sleep(fundingIntervalMs, signal);
      await connector.refresh().catch((error: unknown) => {
        if (!(error instanceof PerpwireError)) throw error;
        ledger.counters.refreshFailures += 1;
      });
    }
  } catch (error) {
    if (!isAbort(error)) throw error;
  }
}

interface Settled {
  readonly isSettled: boolean;
  readonly openTruth: VenueTruth;
  /** Orders that the connector says may be open at the venue then. */
  readonly openTracked: readonly string[];
  readonly openPositions: ReturnType<PerpetualConnector["positions"]>;
  readonly openAccount: ReplayedAccount;
  readonly truth: VenueTruth;
}

/**
 * Orders end first, so that positions stand still and can be compared. Then the positions are closed, so that no
 * unrealised profit moves the balance and no funding is paid between the connector's look and the venue's.
 */
async function settle(
  options: DemoOptions,
  ports: SettleOptions,
  readTruth: () => Promise<VenueTruth>,
): Promise<Settled> {
  const { connector, ledger } = ports;
  options.onPhase?.("canceling");
  const haveEnded = (await endOrders(ports)) && (await refreshAll(ports));
  const openPositions = connector.positions();
  const openTruth = await readTruth();
  const openTracked = openOrdersOf(connector);
  const openAccount = replayAccount(ZERO, ledger.fills, []);
  options.onPhase?.("closing");
  const isFlat = haveEnded && (await closePositions(ports)) && (await refreshAll(ports));
  return { isSettled: isFlat, openTruth, openTracked, openPositions, openAccount, truth: await readTruth() };
}

/** Lists the orders that may be open at the venue by the connector's word: in flight, lost, or somebody else's. */
function openOrdersOf(connector: PerpetualConnector): readonly string[] {
  const ours = trackedOrders(connector).map((order) => order.clientOrderId);
  return [...ours, ...connector.externalOrders().map((order) => order.clientOrderId ?? order.exchangeOrderId)];
}

function compare(
  { connector, ledger, protocol }: Omit<Trading, "markets">,
  account: ReplayedAccount,
  { openTruth, openTracked, openPositions, openAccount, truth }: Settled,
): readonly Section[] {
  const { orders, fills, fundingPayments } = ledger;
  const { token } = protocol;
  const cash = {
    asset: token,
    total: connector.balance(token),
    available: connector.availableBalance(token),
    replayed: account.cash,
  };
  return [
    compareOrders(orders, fills, withFillsByOrder(truth), protocol),
    compareOpenOrders(openTracked, openTruth),
    compareFills(fills, truth.fills),
    compareFunding(fundingPayments, truth.fundingPayments, protocol),
    comparePositions("open positions", openPositions, openAccount.positions, openTruth.positions),
    comparePositions("final positions", connector.positions(), account.positions, truth.positions),
    compareCash(cash, truth, protocol),
  ];
}
