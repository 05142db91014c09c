/** An edit of a good source, which compiles. `find` occurs exactly once in the file. */
export interface Edit {
  /** Under `src`. */
  readonly file: string;
  readonly find: string;
  readonly replace: string;
}

/** A broken promise. */
export interface EngineMutant extends Edit {
  /** What is wrong then, in words. */
  readonly name: string;
  /** Edits of what would mend it else. */
  readonly also?: readonly Edit[];
  /** The venue and profile that it is looked for with; some bugs need a venue's ways. */
  readonly venue: "ftx" | "bybit" | "binance" | "okx";
  readonly profile?: "calm" | "rough" | "hell";
}

export const ENGINE_MUTANTS: readonly EngineMutant[] = [
  {
    name: "a fill is counted each time that it is told",
    file: "trading/fill-ledger.ts",
    find: "const has = this.#journal.hasFill(key);",
    replace: 'const has = key === "" && this.#journal.hasFill(key);',
    venue: "bybit",
  },
  {
    name: "an order whose answer was lost is called failed",
    file: "connector/create-requests.ts",
    find: "tracker.markUnknown(clientOrderId, error);",
    replace: "tracker.fail(clientOrderId, stoppedBefore(error));",
    venue: "ftx",
  },
  {
    name: "a gap between contiguous book updates is ignored",
    file: "market-data/continuity.ts",
    find: 'if (frame.updateId >= expected && firstIdOf(frame) <= expected) return "apply";\n  return isOld(position, frame) ? "drop" : "gap";',
    replace:
      'if (frame.updateId >= expected && firstIdOf(frame) <= expected) return "apply";\n  return isOld(position, frame) ? "drop" : "apply";',
    venue: "bybit",
  },
  {
    name: "a gap between linked book updates is ignored",
    file: "market-data/continuity.ts",
    find: 'if (frame.previousUpdateId === position.updateId) return "apply";\n  return isOld(position, frame) ? "drop" : "gap";',
    replace:
      'if (frame.previousUpdateId === position.updateId) return "apply";\n  return isOld(position, frame) ? "drop" : "apply";',
    venue: "okx",
  },
  {
    name: "a snapshot that is older than the updates is joined with them",
    file: "market-data/continuity.ts",
    find: 'return firstIdOf(frame) <= position.updateId || frame.previousUpdateId <= position.updateId ? "apply" : "gap";',
    replace: 'return Number.isNaN(frame.updateId) ? "gap" : "apply";',
    venue: "binance",
  },
  {
    name: "a checksum that does not fit is let pass",
    file: "market-data/book-sides.ts",
    find: "return checksum === undefined || checksum.of(this) === frame.checksum;",
    replace: "return checksum === undefined || Number.isFinite(checksum.of(this));",
    venue: "ftx",
  },
  {
    name: "an amend that the venue has only queued is taken for done",
    file: "trading/order-amends.ts",
    find: 'amend.progress = "acknowledged";',
    replace: "evidence.resolveAmend(record, amend, true);",
    venue: "bybit",
  },
  {
    name: "an order that was called back is sent all the same",
    file: "connector/create-requests.ts",
    find: "if (this.#creations.get(clientOrderId)?.() !== true) return false;",
    replace: "if (!this.#creations.has(clientOrderId)) return false;",
    venue: "ftx",
  },
  {
    name: "a liquidation is not told",
    file: "connector/account-booking.ts",
    find: 'events.emit("positionAdjustment", adjustment);',
    replace: 'if (adjustment.reason !== "liquidation") events.emit("positionAdjustment", adjustment);',
    venue: "binance",
  },
  {
    name: "a funding payment is told each time that it is listed",
    file: "connector/account-booking.ts",
    find: 'if (recorded.kind === "known") return undefined;',
    replace: 'if (recorded.kind === "known" && payment.amount.isZero()) return undefined;',
    venue: "okx",
  },
  {
    name: "what was missed while the private stream was away is not asked for",
    file: "connector/trading-parts.ts",
    find: "this.streamState.authFailure = undefined;\n        this.sync.requestCatchUp();",
    replace: "this.streamState.authFailure = undefined;",
    venue: "bybit",
  },
  {
    name: "a restart knows nothing of open orders",
    file: "trading/client-order-tracker.ts",
    find: "const tracked = restored.orders.map((record) => this.#orders.enter(record));",
    replace: "const tracked = restored.orders.slice(1).map((record) => this.#orders.enter(record));",
    venue: "ftx",
  },
  {
    name: "a cancel that had no answer is not sent again",
    file: "connector/cancel-requests.ts",
    find: "tracker.cancels.unanswered(clientOrderId, error);",
    replace: "logger.debug(clientOrderId);",
    also: [
      {
        file: "connector/order-resolver.ts",
        find: 'if (order.state === "pendingCancel" || tracker.cancels.isDue(order.clientOrderId)) entry.sendCancel(order);',
        replace: "if (tracker.cancels.isDue(order.clientOrderId)) entry.sendCancel(order);",
      },
    ],
    venue: "binance",
  },
  {
    name: "orders in flight do not count for the risk limits",
    file: "trading/open-exposure.ts",
    find: "if (known !== undefined && isSameRisk(known.order, order)) return;",
    replace: "if (known === undefined || isSameRisk(known.order, order)) return;",
    venue: "bybit",
  },
  {
    name: "a fee is counted as none",
    file: "trading/fill-ledger.ts",
    find: "account.fees.set(token, plus(account.fees.get(token) ?? ZERO, amount));",
    replace: "account.fees.set(token, amount);",
    venue: "okx",
  },
  {
    name: "the day's result has no fees in it",
    file: "account/daily-result.ts",
    find: 'flows.push({ kind: "fee", asset, amount: paid.neg() });',
    replace: 'flows.push({ kind: "fee", asset, amount: paid.minus(paid) });',
    venue: "ftx",
  },
  {
    name: "a loop goes on after stop",
    file: "connector/connector-run.ts",
    find: 'tasks.run("the clock", (stop) => network.timeSynchronizationLoop(stop));',
    replace: "void network.timeSynchronizationLoop(new AbortController().signal);",
    venue: "binance",
    profile: "calm",
  },
  {
    name: "a process that starts again begins its ids anew",
    file: "trading/order-journal.ts",
    find: 'this.#tables.putNow("meta", "counter", String(until));',
    replace: 'this.#tables.putNow("meta", "counter", String(until - until));',
    also: [
      {
        file: "trading/order-journal.ts",
        find: "if (known !== undefined) this.#counter += COUNTERS_UNSYNCED * (1 + options.random.integer(STRETCHES));",
        replace: "if (known === undefined) this.#counter += COUNTERS_UNSYNCED * 0 * options.random.integer(STRETCHES);",
      },
    ],
    venue: "okx",
  },
  {
    name: "the rate limit of orders is not kept",
    file: "net/rate-pool.ts",
    find: "this.total.record(nowMs, weight);\n    this.ours.record(nowMs, weight);",
    replace: "this.total.record(nowMs, weight / 2);\n    this.ours.record(nowMs, weight / 2);",
    venue: "ftx",
    profile: "calm",
  },
  {
    name: "the secret of the key is logged",
    file: "connector/connector-run.ts",
    find: "const trading = this.#createTradingSide(credentials);",
    replace:
      'this.#parts.logger.warn("signing", { key: credentials.apiSecret });\n    const trading = this.#createTradingSide(credentials);',
    venue: "bybit",
    profile: "calm",
  },
  {
    name: "one refused order of a batch is taken for all of them",
    file: "connector/create-requests.ts",
    find: "if (row !== undefined) this.#rowAnswered(order, row, batch.intent);",
    replace:
      "if (row !== undefined) this.#rowAnswered(order, [...rows.values()].find(({ ok }) => !ok) ?? row, batch.intent);",
    venue: "binance",
  },
  {
    name: "an order that a cancel does not find is called canceled",
    file: "connector/cancel-requests.ts",
    find: "tracker.cancels.unanswered(clientOrderId, error);",
    replace: `const order = tracker.orderByClientId(clientOrderId);
      if (order !== undefined && venue.isOrderNotFoundDuringCancelationError(error)) {
        const { tradingPair, exchangeOrderId, lastUpdateMs: timestampMs } = order;
        tracker.apply({ type: "order", tradingPair, clientOrderId, exchangeOrderId, state: "canceled", timestampMs });
      } else tracker.cancels.unanswered(clientOrderId, error);`,
    venue: "ftx",
  },
  {
    name: "a fill that comes after the end of its order is dropped",
    file: "trading/order-evidence.ts",
    find: 'if (ledger.has(fill)) return { kind: "unchanged", order };',
    replace: 'if (ledger.has(fill) || record.ended) return { kind: "unchanged", order };',
    // An end is not told before its fills are there, so that none comes after it.
    also: [
      {
        file: "trading/order-record.ts",
        find: "return record.executed.amount.gte(venueExecutedAmount(record));",
        replace: "return record.executed.amount.gte(venueExecutedAmount(record).times(ZERO));",
      },
    ],
    venue: "bybit",
  },
  {
    name: "fees are rounded to cents",
    file: "trading/fill-ledger.ts",
    find: "account.fees.set(token, plus(account.fees.get(token) ?? ZERO, amount));",
    replace: "account.fees.set(token, plus(account.fees.get(token) ?? ZERO, amount.toDecimalPlaces(2)));",
    venue: "binance",
    profile: "calm",
  },
  {
    name: "a position mode that was switched by hand is not noticed",
    file: "account/told-settings.ts",
    find: "if (known !== undefined && atMs < known.timestampMs) return undefined;",
    replace: "if (known !== undefined) return undefined;",
    venue: "bybit",
  },
  {
    name: "a book that was cut off is taken for the whole one",
    file: "market-data/order-book-queries.ts",
    find: "return side.horizon === undefined ? undefined : decimalOfScaled(side.horizon, priceScale);",
    replace:
      "return side.horizon !== undefined ? undefined : side.horizon && decimalOfScaled(side.horizon, priceScale);",
    venue: "binance",
  },
  {
    name: "an order is sent before it is in the journal",
    file: "trading/order-journal.ts",
    find: '"orders",\n      records.map(',
    replace: '"orders",\n      records.slice(records.length).map(',
    venue: "okx",
  },
];
