/** A bug planted in the engine: one edit of one of its files. `find` occurs exactly once in the file. */
export interface EngineMutation {
  /** Description of the bug, in words. */
  readonly name: string;
  /** Path below `src/`. */
  readonly file: string;
  readonly find: string;
  readonly replace: string;
}

const NOTHING = "void 0;";

/** A statement, or an item of a list, that is left out. */
const without = (file: string, name: string, find: string): EngineMutation => {
  return { name, file, find, replace: find.endsWith(",") ? "" : NOTHING };
};
const changed = (file: string, name: string, find: string, replace: string): EngineMutation => {
  return { name, file, find, replace };
};

const REST = "net/rest-assistant.ts";
const SOCKET = "net/ws-assistant.ts";
const USER_STREAM = "account/user-stream-data-source.ts";
const MESSAGES = "account/user-stream-messages.ts";
const SYNC = "connector/account-sync.ts";
const BALANCES = "connector/balance-sync.ts";
const FUNDING = "connector/funding-sync.ts";
const POSITIONS = "connector/position-sync.ts";
const CREATES = "connector/create-requests.ts";
const CANCELS = "connector/cancel-requests.ts";
const RESOLVER = "connector/order-resolver.ts";
const POLLING = "connector/status-polling.ts";
const TRADING = "connector/trading-side.ts";
const RULES = "connector/trading-rules-reader.ts";
const MARKETS = "connector/market-list.ts";
const SETTINGS = "connector/account-settings.ts";
const BOOKS = "market-data/order-book-data-source.ts";
const REQUESTS = "market-data/market-data-requests.ts";
const QUANTIZE = "trading/quantize.ts";
const ORDER_IDS = "trading/client-order-id.ts";
const ORDER_EVENTS = "trading/order-events.ts";
const TRANSITIONS = "trading/order-transitions.ts";

export const ENGINE_MUTATIONS: readonly EngineMutation[] = [
  without(REST, "requests do not wait for rate limits", "if (turn !== undefined) await this.#waitFor(turn, intent);"),
  changed(REST, "pre-processors of requests are left out", "this.#options.preProcessors ?? []", "[]"),
  changed(
    REST,
    "requests are not signed",
    "request.isAuthRequired && authenticator !== undefined ? authenticator.restAuthenticate(unsigned) : unsigned",
    "request.isAuthRequired && authenticator === undefined ? unsigned : unsigned",
  ),
  without(
    REST,
    "a request that was refused for its time is not sent again",
    "if (await this.#resends.resynchronized(request, error)) continue;",
  ),
  without(REST, "requests that need credentials are sent without", "this.#requireCredentials(original);"),

  changed(
    SOCKET,
    "silence of a connection goes unnoticed",
    "onSilence: () => {",
    "onSilence: () => {\n        return;",
  ),
  changed(SOCKET, "heartbeats are not sent", "ping: () => this.#ping(connection, heartbeat)", "ping: () => undefined"),
  without(SOCKET, "the time of the last message is not kept", "this.#lastReceivedMs = clock.monotonic();"),
  changed(SOCKET, "the login of a socket is not sent", "this.send(login);", NOTHING),

  changed(
    "net/time-synchronizer.ts",
    "requests are signed with our own clock",
    "return nowMs + offsetMs;",
    "return nowMs + 0 * offsetMs + this.#wallOffsetMs;",
  ),

  changed(
    USER_STREAM,
    "an interrupted user stream is not disconnected",
    "    await ws.disconnect();\n  }\n\n  #onListenKeyLost",
    "  }\n\n  #onListenKeyLost",
  ),
  without(USER_STREAM, "nobody hears of an interrupted user stream", "this.#options.onInterruption?.(reason);"),
  changed(
    USER_STREAM,
    "a reconnected user stream is no gap",
    "if (this.#interruption !== undefined) this.#gap(",
    "if (this.#interruption === `never`) this.#gap(",
  ),
  without(
    MESSAGES,
    "a frame of the user stream that cannot be applied is not logged",
    "this.#faults.notApplied(update.type, error);",
  ),
  without(
    MESSAGES,
    "a frame of the user stream that cannot be read is not logged",
    "this.#faults.unreadable(connection.ws.withoutSecrets(describeError(error)));",
  ),
  changed(
    USER_STREAM,
    "the listen key's task does not run",
    "this.#options.lease?.manageListenKeyTaskLoop(signal)",
    "(undefined as Promise<never> | undefined)",
  ),
  without(USER_STREAM, "a refused login is not told", "onAuthFailure?.(error);"),
  changed(
    USER_STREAM,
    "the time of the last private message is that of the first connection",
    "return Number.isNaN(current) ? this.#lastReceivedMs : current;",
    "return Number.isNaN(current) ? this.#lastReceivedMs : Number.NaN;",
  ),
  changed(
    "account/listen-key.ts",
    "the listen key is not kept alive",
    "await requests.pingListenKey(context(signal), listenKey);",
    NOTHING,
  ),

  without(POLLING, "orders are not polled", "() => sync.updateOrders(signal),"),
  without(POLLING, "fills are not polled", "() => sync.updateOrderFills(signal),"),
  without(POLLING, "balances and positions are not polled", "() => sync.updateBalancesAndPositions(signal),"),
  changed(
    POLLING,
    "polls come seldom although the user stream is down",
    "userStream.isHealthy() ? timings.longPollIntervalMs : timings.shortPollIntervalMs",
    "userStream.isHealthy() ? timings.longPollIntervalMs : timings.longPollIntervalMs",
  ),
  without(TRADING, "the status is never polled", "this.#parts.polling.statusPollingLoop(signal),"),
  without(TRADING, "funding payments are never polled", "this.#fundingFeePollingLoop(signal),"),
  without(TRADING, "trading fees are not asked for at the start", "await this.#parts.fees.updateIfOffered(signal);"),
  without(TRADING, "the position mode is not read at the start", "await this.sync.updatePositionModes(signal);"),
  without(TRADING, "balances are not asked for at the start", "await this.sync.updateBalances(signal);"),
  changed(TRADING, "orders of earlier processes are not resumed", "this.tracker.restore(", "void ("),
  changed(
    "connector/trading-fees.ts",
    "trading fees are asked for and not taken",
    "const known = this.#known;",
    "const known = this.#known;\n    if (known !== undefined) return;",
  ),
  changed(
    "trading/fees.ts",
    "the fees of maker and taker are swapped",
    "order.side, order.isMaker)",
    "order.side, !order.isMaker)",
  ),

  changed(
    ORDER_IDS,
    "client order ids have no prefix",
    "this.#text(this.#rule.prefix, counter)",
    'this.#text("", counter)',
  ),
  changed(ORDER_IDS, "client order ids are too long", 'padStart(TEXT_INSTANCE_DIGITS, "0")', 'padStart(60, "0")'),
  changed(ORDER_IDS, "client order ids repeat", "counter.toString(36)}", "(counter % 1).toString(36)}"),

  changed(BALANCES, "a balance that is no longer listed stays", "if (listed.has(asset) ||", "if (asset !== `` ||"),
  without(
    FUNDING,
    "funding payments that were asked for are not booked",
    "await booking.applyFundingPayments(payments, () => timers.sleep(0, signal));",
  ),
  changed(SYNC, "a gap is not answered with a catch-up", "this.#questions.noteGap();\n        events", "events"),
  changed(
    "connector/order-sync.ts",
    "orders of others are not told",
    "externalOrders.report(update.order, askedMs);",
    "externalOrders.has(update.order);",
  ),
  without(
    "connector/account-booking.ts",
    "the position that a liquidation leaves is not told",
    'if (position !== undefined) events.emit("position", position);',
  ),
  without(POSITIONS, "positions of a poll are not applied", 'this.#report(polled, "poll", heardAtMs);'),
  changed(
    POSITIONS,
    "a position that is no longer listed stays",
    "const unlisted = unread.isComplete ?",
    "const unlisted = !unread.isComplete ?",
  ),
  changed(
    POSITIONS,
    "a change of the position mode is not told",
    'events.emit("positionModeChanged", tradingPair',
    'if (timestampMs < 0) events.emit("positionModeChanged", tradingPair',
  ),
  changed(
    POSITIONS,
    "a change of the leverage is not told",
    "if (leverage !== undefined && isNewLeverage) events",
    "if (leverage !== undefined && !isNewLeverage) events",
  ),
  changed(
    SETTINGS,
    "a refused position mode is not told",
    "if (error instanceof PerpwireError) events.emit",
    "if (!(error instanceof PerpwireError)) events.emit",
  ),
  without(
    SETTINGS,
    "a leverage that was set is not kept",
    'sync.apply({ type: "settings", tradingPair: scope, leverage, timestampMs: context.now() });',
  ),

  without(RULES, "trading rules are not read again", "this.#pollingLoop(signal),"),
  changed(
    MARKETS,
    "a trading rule that cannot be read is logged each time",
    "if (this.#skippedSymbols.has(symbol)) continue;",
    NOTHING,
  ),
  changed(
    BOOKS,
    "public subscriptions are not sent",
    "assistant.send(message);\n    } catch",
    "void message;\n    } catch",
  ),
  changed(
    BOOKS,
    "a failed subscription is not logged",
    'logger.error("unexpected error when subscribing',
    'logger.debug("unexpected error when subscribing',
  ),
  changed(REQUESTS, "a snapshot is asked for without a signal to end it", ": both[0];", ": undefined;"),
  without(BOOKS, "snapshots that were asked for are not fetched", "this.#fetcher.request(tradingPair, booksInWant);"),

  changed(
    "market-data/continuity.ts",
    "a diff that does not follow is applied",
    'if (frame.previousUpdateId === position.updateId) return "apply";',
    'return "apply";',
  ),

  changed(
    "trading/fill-ledger.ts",
    "the second fill of an order is taken for the first",
    // biome-ignore lint/suspicious/noTemplateCurlyInString: Text of a source.
    "|${exchangeOrderId}|${fillId}`",
    // biome-ignore lint/suspicious/noTemplateCurlyInString: Text of a source.
    "|${exchangeOrderId}`",
  ),
  changed(
    "trading/fill-ledger.ts",
    "the fees of an order are those of its last fill",
    "plus(account.fees.get(token) ?? ZERO, amount)",
    "amount",
  ),
  changed(
    "trading/fill-ledger.ts",
    "the average price is not weighted",
    "plus(account.cost, fill.amount.times(fill.price))",
    "plus(account.cost, fill.price)",
  ),
  changed(
    "account/funding-ledger.ts",
    "a payment that is told twice counts twice",
    'previous.amount.eq(amount)) return { kind: "known" };',
    'previous.amount.eq(amount)) return { kind: "new" };',
  ),
  changed(
    "account/funding-ledger.ts",
    "payments from before the start are not asked for",
    "DEFAULT_OVERLAP_MS) : firstMs);",
    "DEFAULT_OVERLAP_MS) : nowMs);",
  ),

  changed(QUANTIZE, "an amount below the smallest is sent", "if (order.amount.lt(min)) {", "if (order.amount.lt(0)) {"),
  changed(
    QUANTIZE,
    "an amount between two steps is sent",
    "if (strict && !isMultiple(order.amount, step)) {",
    "if (!strict && !isMultiple(order.amount, step)) {",
  ),
  changed(
    QUANTIZE,
    "a price between two ticks is sent",
    "if (!isMultiple(price, rule.minPriceIncrement)) {",
    "if (price.lt(0)) {",
  ),
  changed(
    QUANTIZE,
    "a notional below the smallest is sent",
    "|| notional.gte(rule.minNotionalSize)) return",
    "|| notional.gt(0)) return",
  ),
  changed(
    "trading/budget-checker.ts",
    "the collateral of an order ignores its leverage",
    "amount: size.div(candidate.leverage)",
    "amount: size",
  ),

  changed(
    CREATES,
    "a refused order is taken for one of unknown fate",
    "tracker.fail(clientOrderId, isAborted",
    "tracker.markUnknown(clientOrderId, isAborted",
  ),
  changed(
    RESOLVER,
    "an order that is not found is failed at once",
    "if (clock.monotonic() - inquiry.sinceMs <= createDeadlineMs) return;",
    NOTHING,
  ),
  changed(CREATES, "the answer to a new order is not applied", "tracker.apply(update, FROM_CREATION);", NOTHING),
  changed(CANCELS, "cancels are not sent", "(signal) => this.#placeCancel(order, signal)", "async () => undefined"),
  changed(
    CANCELS,
    "a refused cancel is not logged",
    'logger.warn("a cancel was not accepted"',
    'logger.debug("a cancel was not accepted"',
  ),
  changed(
    RESOLVER,
    "an order that is lost stays unknown",
    'if (state === "unknown") tracker.markLost',
    'if (state === "lost") tracker.markLost',
  ),
  changed(RESOLVER, "an order that never arrived is not failed", "tracker.fail(clientOrderId, proof);", "void proof;"),
  changed(
    RESOLVER,
    "fills that are missing are not fetched",
    "for (const trade of trades) apply({ ...trade, clientOrderId });",
    "void trades;",
  ),
  changed(
    RESOLVER,
    "a failed look at missing fills is not logged",
    'logger.warn("the fills of an order could not be fetched"',
    'logger.debug("the fills of an order could not be fetched"',
  ),

  changed(ORDER_EVENTS, "an order's event has no order type", "orderType: order.type,", 'orderType: "market",'),
  changed(
    ORDER_EVENTS,
    "an order's event has the time of the epoch",
    "    executedAmount: record.executed.amount,\n    timestampMs,\n  };\n}\n\nfunction orderEnded",
    "    executedAmount: record.executed.amount,\n    timestampMs: timestampMs * 0,\n  };\n}\n\nfunction orderEnded",
  ),
  changed(
    ORDER_EVENTS,
    "an order's event has the exchange's id for ours",
    "clientOrderId: order.clientOrderId,",
    "clientOrderId: currentExchangeOrderId(record) ?? ``,",
  ),
  changed(
    ORDER_EVENTS,
    "an expired order is told as completed",
    'state === "filled" ? "orderCompleted"',
    'state !== "canceled" ? "orderCompleted"',
  ),
  changed(
    TRANSITIONS,
    "an order ends before its fills came",
    "endingOf(record) !== undefined && fillsAddUp(record);",
    "endingOf(record) !== undefined;",
  ),
  changed(
    TRANSITIONS,
    "a canceled order does not say that we canceled it",
    'record.cancel !== "none" ? "user"',
    'record.cancel === "none" ? "user"',
  ),
];
