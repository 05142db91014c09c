import type {
  VenueAccountLine,
  VenueBookLine,
  VenueFillLine,
  VenueLine,
  VenueOrderLine,
  VenuePositionLine,
} from "../../checker/history.ts";
import { type EngineEvent, formatAmount, type OrderView, type PaperVenue } from "../../paper/index.ts";

type WithoutTime<Line> = Line extends unknown ? Omit<Line, "t"> : never;
export type VenueFact = WithoutTime<VenueLine>;

const ORDER_EVENTS = {
  orderAccepted: "accepted",
  orderOpened: "opened",
  orderChanged: "changed",
  orderAmended: "amended",
  orderClosed: "closed",
} as const satisfies Record<string, VenueOrderLine["what"]>;

/** Writes down what the box's engine does: to its books, and to one account. Returns what ends it. */
export function recordVenue(venue: PaperVenue, write: (fact: VenueFact) => void): () => void {
  let shown = "";
  const writeAccount = () => {
    const account = accountFact(venue);
    const text = JSON.stringify(account);
    if (text === shown) return;
    shown = text;
    write(account);
  };
  for (const { spec } of venue.engine.markets()) write(wholeBook(venue, spec.market));
  writeAccount();
  return venue.observe((events) => {
    for (const event of events) {
      const fact = factOf(event, venue.accountId);
      if (fact !== undefined) write(fact);
    }
    for (const book of bookFacts(events, venue.now())) write(book);
    if (events.some((event) => concerns(event, venue.accountId))) writeAccount();
  });
}

/** Tells that an event may have changed figures of the account. */
function concerns(event: EngineEvent, accountId: string): boolean {
  if (event.type === "markChanged") return true;
  if ("order" in event) return event.order.accountId === accountId;
  return "accountId" in event && event.accountId === accountId;
}

export function accountFact({ engine, accountId }: PaperVenue): Omit<VenueAccountLine, "t"> {
  const { cash = 0n, equity = 0n, freeCollateral = 0n } = engine.account(accountId) ?? {};
  return {
    kind: "venue",
    type: "account",
    cash: formatAmount(cash),
    equity: formatAmount(equity),
    available: formatAmount(freeCollateral),
  };
}

function factOf(event: EngineEvent, accountId: string): VenueFact | undefined {
  if ("order" in event) {
    return event.order.accountId === accountId ? orderFact(ORDER_EVENTS[event.type], event.order) : undefined;
  }
  if (event.type === "fill") return event.fill.accountId === accountId ? fillFact(event.fill) : undefined;
  if (event.type !== "positionChanged" || event.accountId !== accountId) return undefined;
  const { market, side, size } = event.position;
  const fact: Omit<VenuePositionLine, "t"> = {
    kind: "venue",
    type: "position",
    market,
    side,
    size: formatAmount(size),
  };
  return fact;
}

function orderFact(what: VenueOrderLine["what"], order: OrderView): Omit<VenueOrderLine, "t"> {
  const { orderId, clientId, market, side, price, size, filled, closeReason } = order;
  return {
    ...{ kind: "venue", type: "order", what, orderId, clientId, market, side },
    price: price === null ? null : formatAmount(price),
    size: formatAmount(size),
    filled: formatAmount(filled),
    reason: closeReason,
  };
}

function fillFact(fill: Extract<EngineEvent, { type: "fill" }>["fill"]): Omit<VenueFillLine, "t"> {
  const { fillId, orderId, clientId, market, side, price, size, fee, liquidation, adl, settlement } = fill;
  return {
    ...{ kind: "venue", type: "fill", fillId, orderId, clientId, market, side },
    price: formatAmount(price),
    size: formatAmount(size),
    fee: formatAmount(fee),
    ...(liquidation ? { forced: "liquidation" } : {}),
    ...(adl ? { forced: "adl" } : {}),
    ...(settlement ? { forced: "settlement" } : {}),
  };
}

function wholeBook(venue: PaperVenue, market: string): Omit<VenueBookLine, "t"> {
  const { bids, asks } = venue.engine.book(market, Number.MAX_SAFE_INTEGER);
  const rows = (side: "buy" | "sell", levels: typeof bids) =>
    levels.map(([price, size]) => [side, formatAmount(price), formatAmount(size)] as const);
  const levels = [...rows("buy", bids), ...rows("sell", asks)];
  return { kind: "venue", type: "book", market, venueMs: venue.now(), levels };
}

function bookFacts(events: readonly EngineEvent[], venueMs: number): readonly Omit<VenueBookLine, "t">[] {
  const changes = events.filter((event) => event.type === "bookLevel");
  if (changes.length === 0) return [];
  return [...Map.groupBy(changes, ({ market }) => market)].map(([market, levels]) => ({
    ...{ kind: "venue", type: "book", market, venueMs },
    levels: levels.map(({ side, price, size }) => [side, formatAmount(price), formatAmount(size)] as const),
  }));
}
