import type { InFlightOrder } from "../../../trading/in-flight-order.ts";
import { amendClientOrderId } from "../../../trading/order-ids.ts";
import { assert } from "../assertion.ts";
import type { Routes } from "../fixture-shapes.ts";
import { type Fixtures, OPEN_ORDER } from "../register.ts";
import type { FixtureOrder, Scene } from "../scene.ts";
import type { Answer } from "../scripted-venue.ts";

export const AMEND = [
  ...OPEN_ORDER,
  "amendRequest",
  "configureSuccessfulAmendResponse",
  "expectedExchangeOrderIds",
  "configureOpenOrderStatusResponse",
] as const;
type Needed = Fixtures<(typeof AMEND)[number]>;

export const FIRST_PRICE = "4990";
export const SECOND_PRICE = "4980";

/** An order of ours with its payloads: as it is, and as an amend of the price makes it. */
export interface Amendable {
  readonly order: InFlightOrder;
  readonly fixture: FixtureOrder;
  readonly after: FixtureOrder;
  /** Amends that have reached the venue. */
  requests(): number;
}

/** Order at the venue once the amend is done: the order itself, or the one that replaces it. */
export function amended(scene: Scene, before: FixtureOrder, changes: Partial<FixtureOrder>, ids: readonly string[]) {
  if (scene.venue.manifest.amendStyle !== "replace") return { ...before, ...changes };
  const [, exchangeOrderId = assert.fail("there is no second id")] = ids;
  return { ...before, ...changes, exchangeOrderId, clientOrderId: amendClientOrderId(before.clientOrderId, 1) };
}

/** Later than everything that the venue's other payloads tell. */
export function later(scene: Scene, times: number, executedAmount = "0") {
  return { updatedMs: scene.fixtures.startMs + 1_000 + 100 * times, executedAmount };
}

export function answerOf(scene: Scene, routes: Routes, order: FixtureOrder, more = later(scene, 1)): Answer {
  const [{ status, body } = assert.fail("there is no answer")] = scene.fill(routes, order, more);
  return { status, body };
}

/** The path of an amend, whichever of the order's legs it names. */
export function pathOf(scene: Scene, path: string, order: FixtureOrder): RegExp {
  const literal = (text: string) => text.replace(/[.*+?^${}()|[\]\\]/g, String.raw`\$&`);
  return new RegExp(`^${literal(scene.fill(path, order)).replace(literal(order.exchangeOrderId), "[^/]+")}$`);
}

/** An open order whose amends are answered so: once each, or all of them with the one answer. */
export async function amendableOrder(
  scene: Scene,
  f: Needed,
  answers: (order: Pick<Amendable, "fixture" | "after">) => readonly (Answer | Promise<Answer>)[],
): Promise<Amendable> {
  const { order, fixture } = await scene.openOrder();
  const after = amended(scene, fixture, { price: FIRST_PRICE }, f.expectedExchangeOrderIds);
  const { method, path } = f.amendRequest;
  const own = pathOf(scene, path, fixture);
  const waiting = [...answers({ fixture, after })];
  const [only] = waiting;
  const next = () => (waiting.length > 1 ? waiting.shift() : only) ?? assert.fail("an amend has no answer");
  scene.server.on(method, own, () => next());
  return { order, fixture, after, requests: () => scene.server.requestsTo(method, own).length };
}

/** An open order whose price is amended, and the venue has said yes. */
export async function acknowledgedAmend(scene: Scene, f: Needed): Promise<Amendable> {
  const answer = ({ after }: Pick<Amendable, "after">) => [answerOf(scene, f.configureSuccessfulAmendResponse, after)];
  const amendable = await amendableOrder(scene, f, answer);
  await scene.run(scene.connector.amend(amendable.order.clientOrderId, { price: FIRST_PRICE }));
  return amendable;
}

/** An open order whose price is being amended: the venue has the request, and answers when it is told to. */
export async function amendUnderWay(scene: Scene, f: Needed) {
  const { promise, resolve } = Promise.withResolvers<Answer>();
  const amendable = await amendableOrder(scene, f, () => [promise]);
  const amending = scene.connector.amend(amendable.order.clientOrderId, { price: FIRST_PRICE });
  amending.catch(() => undefined);
  await scene.until("the amend", () => amendable.requests() === 1);
  const answer = () => resolve(answerOf(scene, f.configureSuccessfulAmendResponse, amendable.after));
  return { ...amendable, amending, answer };
}
