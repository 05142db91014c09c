import type { Mutation } from "./mutation.ts";

export const BYBIT_MUTATIONS: readonly Mutation[] = [
  {
    name: "the question mark is signed with the query",
    file: "auth.ts",
    find: 'url.slice(url.indexOf("?") + 1)',
    replace: 'url.slice(url.indexOf("?"))',
  },
  {
    name: "the receive window is not signed",
    file: "auth.ts",
    // biome-ignore lint/suspicious/noTemplateCurlyInString: source text
    find: "${apiKey}${windowMs}${signedPart(request)}",
    // biome-ignore lint/suspicious/noTemplateCurlyInString: source text
    replace: "${apiKey}${signedPart(request)}",
  },
  {
    name: "a canceled order counts as filled",
    file: "constants.ts",
    find: 'Cancelled: "canceled"',
    replace: 'Cancelled: "filled"',
  },
  {
    name: "a rejected order counts as canceled",
    file: "constants.ts",
    find: 'Rejected: "failed"',
    replace: 'Rejected: "canceled"',
  },
  {
    name: "executions are not subscribed",
    file: "constants.ts",
    find: "PRIVATE_CHANNELS = PRIVATE_TOPICS.map(",
    replace: 'PRIVATE_CHANNELS = PRIVATE_TOPICS.filter((topic) => topic !== "execution").map(',
  },
  {
    name: "the continuity rule is another venue's",
    file: "manifest.ts",
    find: 'style: "contiguous"',
    replace: 'style: "previousId"',
  },
  {
    name: "an order that is not found is given up at once",
    file: "manifest.ts",
    find: "createDeadlineMs: 10_000",
    replace: "createDeadlineMs: 0",
  },
  {
    name: "the code of an answer is not looked at",
    file: "web-utils.ts",
    find: "if (status === 200 && isFine) {",
    replace: "if (status === 200) {",
  },
  {
    name: "the venue's time is in seconds",
    file: "web-utils.ts",
    find: "Number(BigInt(timeNano) / 1_000n) / 1_000",
    replace: "Number(BigInt(timeNano) / 1_000_000n) / 1_000",
  },
  {
    name: "a book message does not say which it is",
    file: "order-book-data-source.ts",
    find: "frame.updateId = u;",
    replace: "frame.updateId = u > 0 ? frame.updateId : u;",
  },
  {
    name: "asks are put among the bids",
    file: "order-book-data-source.ts",
    find: "pushLevels(frame.asks, a);",
    replace: "pushLevels(frame.bids, a);",
  },
  {
    name: "the side of public trades is inverted",
    file: "order-book-data-source.ts",
    find: 'row.S === "Buy" ? "buy" : "sell"',
    replace: 'row.S === "Buy" ? "sell" : "buy"',
  },
  {
    name: "price and amount of public trades are swapped",
    file: "order-book-data-source.ts",
    find: "price: row.p, amount: row.v,",
    replace: "price: row.v, amount: row.p,",
  },
  {
    name: "index and mark price are swapped",
    file: "order-book-data-source.ts",
    find: "return { indexPrice, markPrice, rate: fundingRate, nextFundingTimestampMs,",
    replace: "return { indexPrice: markPrice, markPrice: indexPrice, rate: fundingRate, nextFundingTimestampMs,",
  },
  {
    name: "bids and asks are swapped in what is read from its bytes",
    file: "order-book-data-source.ts",
    find: 'bids: "data.b", asks: "data.a" }',
    replace: 'bids: "data.a", asks: "data.b" }',
  },
  {
    name: "a snapshot is read from its bytes as a change",
    file: "order-book-data-source.ts",
    find: 'texts: { topic: "orderbook.#.$", type: "delta" },',
    replace: 'texts: { topic: "orderbook.#.$" },',
  },
  {
    name: "a book that is read from its bytes has the id of another",
    file: "order-book-data-source.ts",
    find: 'updateId: "data.u",',
    replace: 'updateId: "data.seq",',
  },
  {
    name: "no message of a book is ever read from its bytes",
    file: "order-book-data-source.ts",
    find: 'topic: "orderbook.#.$"',
    replace: 'topic: "orderbook.$"',
  },
  {
    name: "a book that is read from its bytes has the time of the matching engine",
    file: "order-book-data-source.ts",
    find: 'time: { path: "ts", form: "number" }',
    replace: 'time: { path: "cts", form: "number" }',
  },
  {
    name: "maker rebates count as fees",
    file: "rows.ts",
    find: "const fee = flatFee(asset, execFee);",
    replace: "const fee = flatFee(asset, execFee.abs());",
  },
  {
    name: "a fill's id is that of its order",
    file: "rows.ts",
    find: "fillId: row.execId,",
    replace: "fillId: row.orderId,",
  },
  {
    name: "short positions are told as long ones",
    file: "rows.ts",
    find: 'amount: row.side === "Sell" ? row.size.neg() : row.size,',
    replace: "amount: row.size,",
  },
  {
    name: "long and short of hedge mode are swapped",
    file: "rows.ts",
    find: '["both", "long", "short"] as const',
    replace: '["both", "short", "long"] as const',
  },
  {
    name: "what is locked counts as available",
    file: "wallet.ts",
    find: "(left, part) => left.minus(part ?? ZERO)",
    replace: "(left, part) => (part === undefined ? left : left.minus(ZERO))",
  },
  {
    name: "every fill counts as a taker's",
    file: "rows.ts",
    find: "isMaker: row.isMaker === true,",
    replace: "isMaker: false,",
  },
  {
    name: "the executed amount of an order is forgotten",
    file: "rows.ts",
    find: "executedAmount: row.cumExecQty,",
    replace: "executedAmount: row.cumExecQty.minus(row.cumExecQty),",
  },
  {
    name: "a hedged order is for the other position",
    file: "orders.ts",
    find: '(positionAction === "open") ? 1 : 2',
    replace: '(positionAction === "open") ? 2 : 1',
  },
  {
    name: "a reduce-only order may open a position",
    file: "orders.ts",
    find: 'reduceOnly: order.reduceOnly || (order.positionMode === "hedge" && positionAction === "close"),',
    replace: 'reduceOnly: order.positionMode === "hedge" && positionAction === "close",',
  },
  {
    name: "a post-only order may take",
    file: "orders.ts",
    find: 'timeInForce: type === "limitMaker" ? "PostOnly" : order.timeInForce,',
    replace: "timeInForce: order.timeInForce,",
  },
  {
    name: "time in force is lost",
    file: "orders.ts",
    find: 'timeInForce: type === "limitMaker" ? "PostOnly" : order.timeInForce,',
    replace: 'timeInForce: type === "limitMaker" ? "PostOnly" : "GTC",',
  },
  {
    name: "orders are sent without the client's id",
    file: "orders.ts",
    find: "    orderLinkId: order.clientOrderId,\n",
    replace: "",
  },
  {
    name: "paging stops after the first page",
    file: "requests.ts",
    find: 'const isLast = next === "" || next === cursor || list.length === 0;',
    replace: 'const isLast = next !== "never" || next === cursor || list.length === 0;',
  },
  {
    name: "a cursor is encoded twice",
    file: "requests.ts",
    find: "return decodeURIComponent(text);",
    replace: "return text;",
  },
  {
    name: "orders that have ended are not looked for in the history",
    file: "orders.ts",
    find: "[constants.OPEN_ORDERS_PATH_URL, constants.ORDER_HISTORY_PATH_URL]",
    replace: "[constants.OPEN_ORDERS_PATH_URL]",
  },
  {
    name: "funding that was paid is booked as received",
    file: "account.ts",
    find: "    amount: funding,\n",
    replace: "    amount: funding.neg(),\n",
  },
  {
    name: "hedge and one-way mode are swapped",
    file: "account.ts",
    find: 'const mode = positionMode === "hedge" ? 3 : 0;',
    replace: 'const mode = positionMode === "hedge" ? 0 : 3;',
  },
  {
    name: "a market that does not answer is in one-way mode",
    file: "account.ts",
    find: "const ofOneMode = tradingPairs.filter((pair) => !asked.includes(pair));",
    replace: "const ofOneMode = tradingPairs;",
  },
  {
    name: "leverage is set for the long side only",
    file: "account.ts",
    find: "buyLeverage: value, sellLeverage: value",
    replace: 'buyLeverage: value, sellLeverage: "1"',
  },
  {
    name: "every row of a batch has the fate of the first",
    file: "orders.ts",
    find: "codes[index])",
    replace: "codes[index * 0])",
  },
  {
    name: "an internal error of the venue counts as a refusal",
    file: "errors.ts",
    find: "{ codes: [10000, 10016], type: model.VenueUnavailableError }",
    replace: '{ codes: [10000, 10016], type: model.VenueUnavailableError, outcome: "definite" }',
  },
  {
    name: "an order that is not found counts as refused",
    file: "errors.ts",
    find: "{ codes: [110001, 110008, 110010, 170213], type: NotFoundError,",
    replace: "{ codes: [110001, 110008, 110010, 170213], type: OrderRejectedError,",
  },
  {
    name: "the venue's clock is not looked at",
    file: "manifest.ts",
    find: "hasServerTime: true",
    replace: "hasServerTime: false",
  },
  {
    name: "anything that the venue does not find is taken for a missing order",
    file: "errors.ts",
    find: "error instanceof NotFoundError && error.code === ORDER_NOT_FOUND",
    replace: "error instanceof NotFoundError",
  },
  {
    name: "a connection that has died goes unnoticed for half an hour",
    file: "constants.ts",
    find: "HEARTBEAT_TIME_INTERVAL_MS = 20_000",
    replace: "HEARTBEAT_TIME_INTERVAL_MS = 2_000_000",
  },
  {
    name: "a deleveraging of the venue is taken for nothing",
    file: "constants.ts",
    find: '  AdlTrade: "adl",\n',
    replace: "",
  },
  {
    name: "history is asked for a month at a time, which the venue refuses",
    file: "constants.ts",
    find: "WINDOW_MS = 7 * 86_400_000",
    replace: "WINDOW_MS = 30 * 86_400_000",
  },
  {
    name: "an amend of the price sends an amount of zero with it",
    file: "orders.ts",
    find: "qty: amount?.toFixed() };\n    const request = post(constants.AMEND",
    replace: 'qty: amount?.toFixed() ?? "0" };\n    const request = post(constants.AMEND',
  },
  {
    name: "a refusal for the position mode is any refusal",
    file: "errors.ts",
    find: "ANOTHER_MODE.test(text) ?",
    replace: "ANOTHER_MODE.test(text.slice(text.length)) ?",
  },
  {
    name: "a liquidation of the venue is a settlement",
    file: "constants.ts",
    find: '  BustTrade: "liquidation",\n',
    replace: '  BustTrade: "settlement",\n',
  },
  {
    name: "an execution that cannot be read hides the others",
    file: "orders.ts",
    find: 'return readList(what, rows, (row) => parseExecution(context.markets, row, "list"), context, EXECUTION_ROW);',
    replace:
      'void [what, EXECUTION_ROW];\n  return Promise.resolve(rows.flatMap((row) => parseExecution(context.markets, row, "list") ?? []));',
  },
  {
    name: "a deleveraging of the venue is a liquidation",
    file: "constants.ts",
    find: '  AdlTrade: "adl",',
    replace: '  AdlTrade: "liquidation",',
  },
  {
    name: "a trade of the venue's own changes the position the other way",
    file: "rows.ts",
    find: 'const amount = row.side === "Buy" ? row.execQty : row.execQty.neg();',
    replace: 'const amount = row.side === "Buy" ? row.execQty.neg() : row.execQty;',
  },
  {
    name: "an hour between two ranges of the history is not asked for",
    file: "requests.ts",
    find: "fromMs += WINDOW_MS)",
    replace: "fromMs += WINDOW_MS + 3_600_000)",
  },
  {
    name: "history ends an hour ago",
    file: "requests.ts",
    find: "const endMs = nowMs + CLOCKS_DIFFER_MS;",
    replace: "const endMs = nowMs - 60 * CLOCKS_DIFFER_MS;",
  },
  {
    name: "history of more than a week is not asked for",
    file: "constants.ts",
    find: "HISTORY_MS = 730 * 86_400_000",
    replace: "HISTORY_MS = 7 * 86_400_000",
  },
  {
    name: "a refused private channel is taken for a confirmed one",
    file: "user-stream-data-source.ts",
    find: "return { ...answered, isAccepted: false, refusesAll: true,",
    replace: "return { ...answered, isAccepted: true, refusesAll: true,",
  },
  {
    name: "channels that were refused for the sake of another are not asked for again",
    file: "user-stream-data-source.ts",
    find: "isAccepted: false, refusesAll: true, channels,",
    replace: "isAccepted: false, refusesAll: false, channels,",
  },
  {
    name: "a refusal of a private channel is an error of the stream",
    file: "user-stream-data-source.ts",
    find: 'if (!isFrame(message) || (message.op !== "subscribe" && message.op !== "unsubscribe")) return undefined;',
    replace:
      'if (!isFrame(message) || !isAccepted(message) || (message.op !== "subscribe" && message.op !== "unsubscribe"))\n      return undefined;',
  },
  {
    name: "the mode of one market is taken for that of all",
    file: "account.ts",
    find: 'modes.set(tradingPair, side === "both" ? "oneWay" : "hedge");',
    replace:
      'modes.set(tradingPair, side === "both" && rows.every((row) => row.side === "both") ? "oneWay" : "hedge");',
  },
  {
    name: "a market that was hedged stays hedged",
    file: "account.ts",
    find: "of rows) modes.set(",
    replace: 'of rows.filter((row) => row.side !== "both")) modes.set(',
  },
  {
    name: "the acknowledgement of an amend is its outcome",
    file: "orders.ts",
    find: 'return { kind: "rest", request, parse: (payload) => parseAckOf(order, payload) };',
    replace: `const done = (payload: unknown): PlacedOrder => {
      const ack = parseAck(payload);
      const { exchangeOrderId = "", timestampMs = 0 } = ack;
      const terms = { price: price ?? order.price, amount: amount ?? order.amount, reduceOnly: false } as const;
      const { clientOrderId, tradingPair, side, type } = order;
      const executedAmount = order.amount.minus(order.amount);
      const known = { clientOrderId, exchangeOrderId, tradingPair, state: "open", executedAmount } as const;
      const row = { ...known, side, type, ...terms, timestampMs };
      return { ...ack, update: { type: "order", ...known, timestampMs: timestampMs + 1_050, order: row } };
    };
    return { kind: "rest", request, parse: done };`,
  },
  {
    name: "an open order is dated by its creation",
    file: "rows.ts",
    find: "updatedAtMs: row.updatedTime",
    replace: "updatedAtMs: row.createdTime",
  },
  {
    name: "the orders of a batch have no client order ids",
    file: "orders.ts",
    find: "const rows = toPlace.map((order) => orderRow(markets, order));",
    replace: "const rows = toPlace.map((order) => ({ ...orderRow(markets, order), orderLinkId: undefined }));",
  },
  {
    name: "the codes of a batch are read in the reverse order",
    file: "orders.ts",
    find: "wireBatchCode, codes[index])",
    replace: "wireBatchCode, codes[codes.length - 1 - index])",
  },
  {
    name: "a fee of the transaction log is told as received",
    file: "cash-flows.ts",
    find: '...flowOf("fee", fee.neg()),',
    replace: '...flowOf("fee", fee),',
  },
  {
    name: "transfers are cash flows",
    file: "cash-flows.ts",
    find: "if (!CASH_FLOW_TYPES.has(row.type)) return [];",
    replace: 'if (!CASH_FLOW_TYPES.has(row.type) && !row.type.startsWith("TRANSFER")) return [];',
  },
  {
    name: "an answer on the socket hides its code",
    file: "order-socket.ts",
    find: "const text = JSON.stringify({ retCode, retMsg, result: data, retExtInfo, time });",
    replace: "const text = JSON.stringify({ retCode: 0, retMsg, result: data, retExtInfo, time });",
  },
  {
    name: "a message on the socket does not say until when it is taken",
    file: "order-socket.ts",
    find: "return { reqId, header, op, args: [data] };",
    replace: "return { reqId, headers: header, op, args: [data] };",
  },
  {
    name: "an amend over the socket is a cancel",
    file: "order-socket.ts",
    find: '"order.amend"]',
    replace: '"order.cancel"]',
  },
  {
    name: "post-only orders of a batch may take",
    file: "orders.ts",
    find: "const rows = toPlace.map((order) => orderRow(markets, order));",
    replace:
      'const rows = toPlace.map((order) => orderRow(markets, { ...order, type: order.type === "limitMaker" ? "limit" : order.type }));',
  },
];
