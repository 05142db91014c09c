import { DailyResult } from "../../src/account/daily-result.ts";
import { FundingLedger } from "../../src/account/funding-ledger.ts";
import { PerpetualAccount } from "../../src/account/perpetual-account.ts";
import { UserStreamDataSource } from "../../src/account/user-stream-data-source.ts";
import type { VenueUserStreamDataSource } from "../../src/account/venue-user-stream-data-source.ts";
import { AccountSync } from "../../src/connector/account-sync.ts";
import { CashFlowSync } from "../../src/connector/cash-flow-sync.ts";
import { DEFAULT_TIMINGS } from "../../src/connector/connector-options.ts";
import { ExternalOrders } from "../../src/connector/external-orders.ts";
import type { OrderResolver } from "../../src/connector/order-resolver.ts";
import type { PerpetualVenue } from "../../src/connector/perpetual-venue.ts";
import { TokenPrices } from "../../src/connector/token-prices.ts";
import { UnreadableRows } from "../../src/connector/unreadable-rows.ts";
import { decimal } from "../../src/model/decimal.ts";
import type { ConnectorEvents } from "../../src/model/event.ts";
import { TypedEmitter } from "../../src/model/typed-emitter.ts";
import type { VenueMarkets } from "../../src/model/venue-markets.ts";
import { parseJson } from "../../src/net/json.ts";
import type { VenueContext } from "../../src/net/venue-api.ts";
import type { WsClose, WsConnectOptions } from "../../src/net/ws-assistant.ts";
import { SILENT_LOGGER } from "../../src/runtime/logger.ts";
import type { JournalStore } from "../../src/runtime/runtime.ts";
import { sessionOf, type VenueName } from "./open-orders.ts";
import { PAIR, type Process, runtime, startProcess } from "./process.ts";

/** A store that counts its transactions: the outermost ones, and each write outside of one. */
export function countingStore(store: JournalStore) {
  const counts = { transactions: 0 };
  let depth = 0;
  const write = <T>(work: () => T): T => {
    if (depth === 0) counts.transactions += 1;
    return work();
  };
  const counted: JournalStore = {
    put: (table, key, value) => write(() => store.put(table, key, value)),
    get: (table, key) => store.get(table, key),
    delete: (table, key) => write(() => store.delete(table, key)),
    entries: (table) => store.entries(table),
    page: (table, after, limit) => store.page(table, after, limit),
    compact: () => store.compact(),
    commit: (writes) => write(() => store.commit(writes)),
    transaction: (work) =>
      write(() => {
        depth += 1;
        try {
          return store.transaction(work);
        } finally {
          depth -= 1;
        }
      }),
    close: () => store.close(),
  };
  return { store: counted, counts };
}

function syncOf({ journal, tracker, untold }: Process, venue: PerpetualVenue, markets: VenueMarkets, own: Parts) {
  const { events, account } = own;
  const { clock, timers } = runtime;
  const logger = SILENT_LOGGER;
  const context = (): VenueContext => ({ api: { send: async () => [] }, markets, now: () => clock.now() });
  const prices = new TokenPrices({ venue, logger, context, fairPrice: () => decimal("20000") });
  const dailyResult = new DailyResult({
    journal,
    priceOf: (token) => prices.priceOf(token),
    hasCashFlows: venue.derivative.fetchCashFlows !== undefined,
    position: ({ tradingPair, side }) => account.toldPosition(tradingPair, side),
  });
  return new AccountSync({
    ...{ venue, tracker, account, dailyResult, journal, untold, events, clock, timers, logger, context },
    timings: DEFAULT_TIMINGS,
    clientOrderIds: { isOwn: () => false },
    fundingLedger: new FundingLedger({ journal, clock }),
    cashFlows: new CashFlowSync({ venue, dailyResult, prices, context, timers, logger }),
    externalOrders: new ExternalOrders({ events, clock }),
    askedAtMs: () => clock.now(),
    horizonMs: () => 0,
    tradingPairs: () => [PAIR],
    resolver: { wake: () => undefined, inquire: async () => true } as unknown as OrderResolver,
    unreadable: new UnreadableRows({ events, logger, clock, mayBeOurs: () => true }),
    orderOfRow: () => undefined,
    isGone: () => false,
    onMarketUnavailable: () => undefined,
  });
}

interface Parts {
  readonly events: TypedEmitter<ConnectorEvents>;
  readonly account: PerpetualAccount;
}

/** From the text of a private frame to the event, as in a connector, over a journal whose transactions count. */
export async function streamOf(
  name: VenueName,
  stream: VenueUserStreamDataSource,
  venue: PerpetualVenue,
  journalPath = ":memory:",
) {
  const { store, counts } = countingStore(runtime.journals.open(journalPath));
  const events = new TypedEmitter<ConnectorEvents>((_name, error) => {
    throw error;
  });
  const account = new PerpetualAccount({
    isRealTimeBalance: true,
    lockedCollateral: () => decimal("0"),
    collateralTokenOf: () => "USD",
    isLinear: () => true,
  });
  let sync: AccountSync | undefined;
  const started = startProcess(
    {
      emit: (event, told) => events.emit(event, told),
      onFill: (fill) => (sync as AccountSync).applyFill(fill),
    },
    store,
  );
  const markets = sessionOf(name);
  sync = syncOf(started, venue, markets, { events, account });
  const stop = new AbortController();
  const onText = Promise.withResolvers<(text: string) => void>();
  const closed = Promise.withResolvers<WsClose>();
  const ws = {
    connect: async (options: WsConnectOptions) => onText.resolve((text) => options.onText(text, 0)),
    authenticate: async () => undefined,
    send: () => undefined,
    disconnect: async () => undefined,
    withoutSecrets: (text: string) => text,
    closed: closed.promise,
    isOpen: true,
    lastReceivedMonotonicMs: 0,
  };
  const source = new UserStreamDataSource({
    ...{ venue: { ...stream, listenKey: undefined, channels: undefined }, markets, parse: parseJson },
    ...{ clock: runtime.clock, timers: runtime.timers, random: runtime.random, logger: SILENT_LOGGER },
    factory: { getWsAssistant: () => ws as never, loginTime: { offsetMs: 0, wasWrong: async () => false } },
    streamUrl: () => "",
    heartbeat: venue.manifest.heartbeat,
    loginTimeoutMs: 86_400_000,
    onUnreadable: ({ reason }) => {
      throw new Error(reason);
    },
    inUnit: (work) => started.tracker.unit(work),
  });
  const applied = sync;
  const listening = source.listenForUserStream(stop.signal, (update) => applied.applyStreamed(update));
  listening.catch(() => undefined);
  const end = (): void => {
    stop.abort();
    closed.resolve({ cause: "local", code: 1_000, reason: "" });
    store.close();
  };
  return { ...started, events, counts, dispatch: await onText.promise, end };
}
