import { Decimal, ZERO } from "../../../../src/model/decimal.ts";
import { AuthError, describeError } from "../../../../src/model/error.ts";
import type { Credentials } from "../../../../src/net/auth.ts";
import { check } from "./checks.ts";
import type { ConformanceContext } from "./context.ts";
import type { ConformanceRow } from "./row.ts";
import type { Session } from "./sessions.ts";

const PRICE_TOLERANCE = "1.02";

const connects: ConformanceRow = {
  id: "connection.ready",
  group: "connection",
  name: "connects and gets ready",
  does: "opens the connector with its keys and waits until all of its status is true",
  changesAccount: false,
  async run(context) {
    const startedMs = context.monotonic();
    const connector = await context.sessions.openMain();
    const missing = Object.entries(connector.status()).flatMap(([name, isReady]) => (isReady ? [] : [name]));
    check(connector.ready && missing.length === 0, `not ready: ${missing.join(", ")}`);
    await connector.checkNetwork();
    return `ready after ${Math.round(context.monotonic() - startedMs)} ms: ${Object.keys(connector.status()).join(", ")}`;
  },
};

const refusesWrongKeys: ConformanceRow = {
  id: "connection.wrong-key",
  group: "connection",
  name: "a wrong key is refused as such, and the one that works goes on working",
  does: "tries each credential with one sign changed, then uses the right ones again",
  changesAccount: false,
  async run(context) {
    const { credentials, manifest } = context;
    const words: string[] = [];
    for (const { name, isSecret } of manifest.credentials) {
      const right = credentials[name];
      if (right === undefined) continue;
      const what = `a wrong ${name}`;
      if (isSecret && manifest.isAccountPublic === true) {
        words.push(`${what}: shows with the first order, for the venue tells anybody of an account`);
        continue;
      }
      words.push(`${what}: ${await refusalOf(context, what, { ...credentials, [name]: mistyped(right) })}`);
    }
    await context.connector.refresh();
    check(context.connector.ready, "the session with the right key is no longer ready");
    return `${words.join("; ")}; the right key still works`;
  },
};

async function refusalOf(context: ConformanceContext, what: string, credentials: Credentials): Promise<string> {
  await using connector = await context.sessions.withCredentials(credentials);
  const outcome = await context.within(
    connector.start().then(
      () => undefined,
      (error: unknown) => error ?? new Error("no reason"),
    ),
    `${what} was neither taken nor refused`,
  );
  check(outcome !== undefined, `${what} was taken`);
  const text = describeError(outcome);
  check(outcome instanceof AuthError, `${what} was refused, but not as an AuthError: ${text}`);
  const shown = context.manifest.credentials.find(({ name, isSecret, namesAccount }) => {
    return isSecret && !namesAccount && credentials[name] !== undefined && text.includes(credentials[name]);
  });
  check(shown === undefined, `the refusal of ${what} shows the ${shown?.label}`);
  return outcome.code;
}

/** Changes a text to another of the same length and signs. */
function mistyped(text: string): string {
  const last = text.at(-1) === "0" ? "1" : "0";
  return `${text.slice(0, -1)}${last}`;
}

const readsBalances: ConformanceRow = {
  id: "connection.balance",
  group: "connection",
  name: "the balances are those that another session of the account reads",
  does: "reads the balances twice, in two sessions, and compares them",
  changesAccount: false,
  async run(context) {
    const { connector, manifest } = context;
    const other = await context.sessions.other();
    const tokens = manifest.collateralTokens.filter((token) => !connector.balance(token).isZero());
    check(tokens.length > 0, `the account holds no ${manifest.collateralTokens.join(" or ")}`);
    const difference = () =>
      tokens
        .filter((token) => !connector.balance(token).eq(other.balance(token)))
        .map((token) => `${token}: ${text(connector, token)} here, ${text(other, token)} in another session`)
        .join("; ");
    // Something else on the account may have moved it between the two answers.
    const isSame = async () => {
      if (difference() === "") return true;
      await Promise.all([connector.refresh(), other.refresh()]);
      return difference() === "";
    };
    await context.until(isSame, difference);
    for (const token of tokens) {
      const available = connector.availableBalance(token);
      const isSound = available.gte(ZERO) && available.lte(mostAvailable(connector, token));
      check(isSound, `${token}: ${available.toFixed()} of ${text(connector, token)} is available`);
    }
    return tokens.map((token) => `${text(connector, token)} ${token}`).join(", ");
  },
};

/**
 * Computes the most that may be used of a token. Where coins carry orders together, it is the worth of all of them in
 * this one: its price may be a little under 1.
 */
function mostAvailable(session: Session, token: string): Decimal {
  const shared = session.margin?.collateral.times(PRICE_TOLERANCE) ?? ZERO;
  return Decimal.max(session.balance(token), shared);
}

function text(session: Session, token: string): string {
  return session.balance(token).toFixed();
}

export const CONNECTION_ROWS: readonly ConformanceRow[] = [connects, refusesWrongKeys, readsBalances];
