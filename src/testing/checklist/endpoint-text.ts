import type { ScriptedRequest } from "../kit/scripted-venue.ts";
import type { Values } from "../kit/template.ts";
import type { SignedParts } from "./venue-facts.ts";

export interface EndpointTextOptions {
  readonly signed: SignedParts;
  /** Parts of a path that stand for something: the placeholder by its value. */
  readonly names?: Readonly<Record<string, string>> | undefined;
  /** Selects the parameters that are named, by their value. Default: all. */
  readonly only?: ((value: string) => boolean) | undefined;
}

/** `GET /orders/{exchangeOrderId}, POST /order (symbol, side)`: what was sent, each path once, authentication aside. */
export function endpointText(
  requests: readonly ScriptedRequest[],
  { signed, names = {}, only = () => true }: EndpointTextOptions,
): string {
  const params = new Map<string, Set<string>>();
  for (const request of requests) {
    const path = request.path
      .split("/")
      .map((part) => names[part] ?? part)
      .join("/");
    const target = request.wire ?? `${request.method} ${path}`;
    const known = params.get(target) ?? new Set();
    for (const [name, value] of fieldsOf(request)) if (!isOfSignature(name, signed) && only(value)) known.add(name);
    params.set(target, known);
  }
  return [...params]
    .map(([target, known]) => (known.size === 0 ? target : `${target} (${[...known].join(", ")})`))
    .join(", ");
}

function isOfSignature(name: string, { params, body }: SignedParts): boolean {
  const [outermost = name] = name.split(".");
  return params.includes(name) || body.includes(outermost);
}

/** Tells that a request is about an id: in its path, in a parameter or in a field of its body, however deep. */
export function isAbout(request: ScriptedRequest, id: string): boolean {
  return request.path.split("/").includes(id) || fieldsOf(request).some(([, value]) => value === id);
}

/** Every parameter, in the query, in a form or in a JSON body, where `orders.price` is a field of each row of `orders`. */
function fieldsOf({ params, body }: ScriptedRequest): readonly (readonly [name: string, value: string])[] {
  return [...Object.entries(params), ...textFields(body)];
}

function textFields(body: unknown, at = ""): readonly (readonly [name: string, value: string])[] {
  if (Array.isArray(body)) return body.flatMap((each) => textFields(each, at));
  if (typeof body !== "object" || body === null) return at === "" ? [] : [[at, String(body)]];
  return Object.entries(body as Values).flatMap(([name, value]) =>
    textFields(value, at === "" ? name : `${at}.${name}`),
  );
}

/**
 * The channel that an event came on: the text that the event shares with the frames that subscribed, its outermost one;
 * where nothing was subscribed, the first text of the event, which is its kind. `{symbol}` stands for the market.
 */
export function channelText(subscriptions: readonly unknown[], event: unknown, symbol: string): string | undefined {
  const subscribed = new Set(subscriptions.flatMap(textsIn));
  const texts = textsIn(event).filter((text) => text.toLowerCase() !== symbol.toLowerCase());
  const found = texts.find((text) => subscribed.has(text)) ?? (subscribed.size === 0 ? texts[0] : undefined);
  return found?.replaceAll(new RegExp(escaped(symbol), "gi"), "{symbol}");
}

/** The texts of a value, outer ones before inner ones. */
function textsIn(value: unknown): readonly string[] {
  const texts: string[] = [];
  let level: readonly unknown[] = [value];
  while (level.length > 0) {
    texts.push(...level.filter((each) => typeof each === "string"));
    level = level.flatMap((each) => (typeof each === "object" && each !== null ? Object.values(each) : []));
  }
  return texts;
}

function escaped(text: string): string {
  return text.replace(/[.*+?^${}()|[\]\\]/g, String.raw`\$&`);
}

const MINUTE_MS = 60_000;

/** `30 in 1 s (requests); 7 in 1 s (orders:BTC-PERP)`: pools of the same size are told together. */
export function rateLimitText(
  limits: readonly { readonly limitId: string; readonly limit: number; readonly timeIntervalMs: number }[],
  symbols: readonly string[],
): string {
  const pools = new Map<string, string[]>();
  for (const { limitId, limit, timeIntervalMs } of limits) {
    const size = `${limit} in ${intervalText(timeIntervalMs)}`;
    const name = symbols.reduce((text, symbol) => text.replaceAll(symbol, "{symbol}"), limitId);
    const names = pools.get(size) ?? [];
    if (!names.includes(name)) pools.set(size, [...names, name]);
  }
  return [...pools].map(([size, names]) => `${size} (${names.join(", ")})`).join("; ");
}

function intervalText(timeIntervalMs: number): string {
  if (timeIntervalMs % MINUTE_MS === 0) return `${timeIntervalMs / MINUTE_MS} min`;
  return timeIntervalMs % 1_000 === 0 ? `${timeIntervalMs / 1_000} s` : `${timeIntervalMs} ms`;
}
