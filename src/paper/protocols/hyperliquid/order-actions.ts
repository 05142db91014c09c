import type { ActionOf, WireOrder } from "./actions.ts";
import type { HyperliquidContext } from "./context.ts";
import { OrderRefusal } from "./errors.ts";
import {
  cancel,
  checkTrigger,
  introduce,
  modify,
  type OrderStatus,
  place,
  statusOf,
  triggerRequest,
} from "./order-commands.ts";
import type { WireObject, WireValue } from "./wire.ts";
import { readWishes, type Wish } from "./wishes.ts";

const statuses = (type: string, rows: readonly WireValue[]): WireObject => ({ type, data: { statuses: rows } });

/** A row a promise: its value, or the text of its refusal. */
async function rowsOf(work: readonly Promise<WireValue>[]): Promise<readonly WireValue[]> {
  return Promise.all(work.map((row) => row.catch(errorRow)));
}

function errorRow(error: unknown): WireObject {
  if (error instanceof OrderRefusal) return { error: error.message };
  throw error;
}

/** Orders that cannot even be read come to one error for all of them. */
function read(
  context: HyperliquidContext,
  accountId: string,
  orders: readonly WireOrder[],
  grouping: unknown,
): readonly Wish[] | WireObject {
  try {
    return readWishes(context, accountId, orders, grouping);
  } catch (error) {
    return errorRow(error);
  }
}

const isError = (read: readonly Wish[] | WireObject): read is WireObject => !Array.isArray(read);

export async function placeOrders(
  context: HyperliquidContext,
  accountId: string,
  { orders, grouping }: ActionOf<"order">,
): Promise<WireObject> {
  const wishes = read(context, accountId, orders, grouping);
  if (isError(wishes)) return statuses("order", [wishes]);
  const [parent, ...children] = wishes;
  const isParent = grouping === "normalTpsl" && parent !== undefined && parent.trigger === undefined;
  if (isParent) return statuses("order", await placeFamily(context, parent, children));
  if (grouping === "positionTpsl" || grouping === "normalTpsl") {
    return statuses("order", await rowsOf([placeGroup(context, wishes)]).then(([rows]) => flat(rows)));
  }
  return statuses("order", await rowsOf(wishes.map((wish) => place(context, wish))));
}

const flat = (rows: WireValue | undefined): readonly WireValue[] => (Array.isArray(rows) ? rows : [rows ?? null]);

/** A parent and what closes it: the children wait until it is filled as a whole. */
async function placeFamily(
  context: HyperliquidContext,
  parent: Wish,
  children: readonly Wish[],
): Promise<readonly WireValue[]> {
  try {
    return await context.turns.take(() => {
      for (const wish of children) if (wish.trigger !== undefined) checkTrigger(context, wish, wish.trigger);
      const order = introduce(context, parent);
      const status = statusOf(context, parent.asset, order);
      const isFilled = order.view !== null && order.view.filled === order.view.size;
      for (const wish of children) {
        if (wish.trigger === undefined) continue;
        const kin = { parent: order.orderId, group: order.orderId };
        context.triggers.add(triggerRequest(context, wish, wish.trigger, kin));
      }
      if (order.view?.status === "closed") context.triggers.onParentClosed(order.orderId, isFilled);
      return [status, ...children.map(() => (isFilled ? "waitingForTrigger" : "waitingForFill"))];
    });
  } catch (error) {
    const row = errorRow(error);
    return [row, ...children.map(() => row)];
  }
}

/** Take-profit and stop-loss of a position: the first one that fires ends the others. */
function placeGroup(context: HyperliquidContext, wishes: readonly Wish[]): Promise<readonly OrderStatus[]> {
  return context.turns.take(() => {
    for (const wish of wishes) if (wish.trigger !== undefined) checkTrigger(context, wish, wish.trigger);
    const group = context.ids.nextOrder();
    return wishes.map((wish): OrderStatus => {
      if (wish.trigger === undefined) return statusOf(context, wish.asset, introduce(context, wish));
      const { oid } = context.triggers.add(triggerRequest(context, wish, wish.trigger, { parent: undefined, group }));
      return { resting: { oid } };
    });
  });
}

export async function cancelOrders(
  context: HyperliquidContext,
  accountId: string,
  action: ActionOf<"cancel"> | ActionOf<"cancelByCloid">,
): Promise<WireObject> {
  const rows =
    action.type === "cancel"
      ? action.cancels.map(({ a, o }) => cancel(context, accountId, o, a))
      : action.cancels.map(({ asset, cloid }) => cancel(context, accountId, cloid, asset));
  return statuses("cancel", await rowsOf(rows));
}

/** One that is refused is an error of the whole action. */
export async function modifyOrder(
  context: HyperliquidContext,
  accountId: string,
  { oid, order }: ActionOf<"modify">,
): Promise<WireObject> {
  const [wish] = readWishes(context, accountId, [order], "na");
  if (wish !== undefined) await modify(context, accountId, oid, wish);
  return { type: "default" };
}

export async function modifyOrders(
  context: HyperliquidContext,
  accountId: string,
  { modifies }: ActionOf<"batchModify">,
): Promise<WireObject> {
  const orders = modifies.map(({ order }) => order);
  const wishes = read(context, accountId, orders, "na");
  if (isError(wishes)) return statuses("order", [wishes]);
  const rows = modifies.flatMap(({ oid }, index) => {
    const wish = wishes[index];
    return wish === undefined ? [] : [modify(context, accountId, oid, wish)];
  });
  return statuses("order", await rowsOf(rows));
}
