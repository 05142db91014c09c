import { isObject } from "../json-fields.ts";
import { accountInfo } from "./account-info.ts";
import type { HyperliquidContext } from "./context.ts";
import { malformed } from "./errors.ts";
import { InfoFields } from "./info-fields.ts";
import type { InfoType } from "./info-type.ts";
import { marketInfo } from "./market-info.ts";
import type { WireValue } from "./wire.ts";

const TYPES: ReadonlyMap<unknown, InfoType> = new Map([...marketInfo, ...accountInfo].map((type) => [type.name, type]));

export function infoTypeOf(body: unknown): InfoType | undefined {
  return isObject(body) ? TYPES.get(body.type) : undefined;
}

/** Answers `POST /info` and the `post` of a socket; `address` is where it came from. */
export function answerInfo(context: HyperliquidContext, body: unknown, address: string): WireValue {
  const type = infoTypeOf(body);
  if (type === undefined || !isObject(body)) throw malformed();
  context.limiter.weigh(address, type.weight, context.now());
  const answer = type.answer({ context, fields: new InfoFields(body, context.universe) });
  if (type.rowsOfWeight > 0 && Array.isArray(answer)) {
    context.limiter.addWeight(address, Math.floor(answer.length / type.rowsOfWeight));
  }
  return answer;
}
