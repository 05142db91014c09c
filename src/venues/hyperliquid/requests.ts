import { z } from "zod";
import { AuthError } from "../../model/error.ts";
import type { VenueMarkets } from "../../model/venue-markets.ts";
import { ACCOUNT_ADDRESS, VAULT_ADDRESS } from "../../net/auth.ts";
import { readPages } from "../../net/pages.ts";
import type { Lane, RestRequest, VenueContext } from "../../net/venue-api.ts";
import * as constants from "./constants.ts";
import type { Action } from "./signing.ts";
import { question, read, wireTime } from "./web-utils.ts";

export type Row = Readonly<Record<string, unknown>>;
export const isRow = (row: unknown): row is Row => typeof row === "object" && row !== null;

/** Rows of any list; each is read by itself where it is used. */
export const wireList = z.array(z.unknown());

/** The account that is traded: the sub-account or vault where one is given, else the account itself. Never a signer's. */
export function userOf({ account = {} }: Pick<VenueMarkets, "account">): string {
  const user = account[VAULT_ADDRESS.name] || account[ACCOUNT_ADDRESS.name];
  if (user !== undefined && user !== "") return user.toLowerCase();
  throw new AuthError("the account's address is missing", {
    code: "CREDENTIALS_MISSING",
    hint: "give credentials.accountAddress: nobody can be asked about an account without it",
  });
}

/** A question about the account. */
export function ofUser({ markets }: Pick<VenueContext, "markets">, type: string, params: Row = {}): RestRequest {
  return question(type, { user: userOf(markets), ...params });
}

export async function rowsOf({ api, signal }: Pick<VenueContext, "api" | "signal">, request: RestRequest) {
  const type = isRow(request.data) ? String(request.data.type) : request.path;
  return read(type, wireList, await api.send(request, signal));
}

export type ActionOptions = Pick<RestRequest, "weight" | "outdatesAnswers"> & {
  readonly lane?: Lane | undefined;
  readonly cancelAfterMs?: number | undefined;
};

/** An action; the authenticator signs it. */
export function post(action: Action, { lane = "create", cancelAfterMs, ...others }: ActionOptions = {}): RestRequest {
  return {
    ...{ method: "POST", path: constants.EXCHANGE_PATH_URL, data: { action, cancelAfterMs }, isAuthRequired: true },
    ...{ limitId: lane === "cancel" ? constants.CANCELS_LIMIT_ID : constants.ACTIONS_LIMIT_ID, lane },
    ...others,
  };
}

const wireRowTime = z.object({ time: wireTime });

/**
 * Every row of an account's list from `sinceMs` on, oldest first or not: the next page begins with the time of the newest
 * row, which it repeats (docs, pagination).
 */
export async function allRows(context: VenueContext, type: string, sinceMs: number): Promise<readonly Row[]> {
  const ask = async (startTime: number | undefined) => {
    const begin = startTime ?? Math.max(0, Math.floor(sinceMs));
    const rows = await rowsOf(context, ofUser(context, type, { startTime: begin }));
    const times = rows.flatMap((row) => wireRowTime.safeParse(row).data?.time ?? []);
    const nextOf = () => (rows.length < constants.PAGE_SIZE ? undefined : Math.max(begin, ...times));
    return { rows, nextOf };
  };
  const rows = await readPages({ venue: constants.VENUE, what: type, ask });
  return rows.map((row) => (isRow(row) ? row : { row }));
}
