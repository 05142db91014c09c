import { amount, canonical, plus, text, times, ZERO } from "../amount.ts";
import type { EventLine, HistoryLine, TruthFill, TruthLine } from "../history.ts";
import type { VenueNames } from "../names.ts";
import type { Owners } from "../owners.ts";
import type { At, Findings, Rule } from "../rule.ts";

interface ToldFill {
  readonly fields: Readonly<Record<string, string>>;
  readonly at: At;
}

const RULE = "every fill is told once, as the venue has it";

/**
 * The fills of a host's orders that its processes told are the venue's, with price, amount and fee to the last digit. One
 * process tells each once; one that is started after another was killed may tell what that one may not have told.
 */
export class FillsRule implements Rule {
  readonly #names: VenueNames;
  readonly #owners: Owners;
  readonly #findings: Findings;
  readonly #token: string;
  /** Fills by host and the venue's name of the fill. */
  readonly #told = new Map<string, Map<string, ToldFill>>();
  readonly #toldByLife = new Map<string, At>();

  constructor(token: string, names: VenueNames, owners: Owners, findings: Findings) {
    this.#token = token;
    this.#names = names;
    this.#owners = owners;
    this.#findings = findings;
  }

  line(line: HistoryLine, at: At): void {
    if (line.kind === "event" && line.name === "orderFilled") this.#onFill(line, at);
    else if (line.kind === "truth") this.#compare(line, at);
  }

  #onFill({ host, life, data }: EventLine, at: At): void {
    this.#findings.count("fills told");
    const key = `${data.tradingPair} ${data.exchangeOrderId} ${data.fillId}`;
    const earlier = this.#toldByLife.get(`${host} ${life} ${key}`);
    if (earlier !== undefined) this.#findings.breach(RULE, `${host} tells fill ${key} twice`, earlier, at);
    this.#toldByLife.set(`${host} ${life} ${key}`, at);
    const fields = {
      order: String(data.clientOrderId),
      side: String(data.side),
      price: canonical(String(data.price)),
      amount: canonical(String(data.amount)),
      fee: feeText(data, this.#token),
      maker: String(data.isMaker),
    };
    const told = this.#told.get(host) ?? new Map<string, ToldFill>();
    this.#told.set(host, told);
    const before = told.get(key);
    const different = before === undefined ? [] : differences(before.fields, fields);
    if (different.length > 0) {
      const text = `${host} tells fill ${key} again, differently: ${different.join(", ")}`;
      this.#findings.breach(RULE, text, before?.at, at);
    }
    told.set(key, { fields, at });
  }

  #compare({ fills, when }: TruthLine, at: At): void {
    for (const host of this.#owners.hosts) {
      const told = new Map(this.#told.get(host));
      for (const fill of fills) {
        if (fill.clientId === null) continue;
        const order = this.#names.wholeId(fill.clientId);
        if (this.#owners.hostOf(order) !== host) continue;
        this.#findings.count("fills compared");
        const key = `${this.#names.pairOf(fill.market)} ${fill.orderId} ${fill.fillId}`;
        const ours = told.get(key);
        told.delete(key);
        if (ours === undefined) {
          this.#findings.breach(RULE, `${when}: ${host} was not told fill ${key} of ${order}`, at);
          continue;
        }
        const different = differences(ours.fields, fieldsOf(fill, order));
        if (different.length === 0) continue;
        this.#findings.breach(RULE, `${when}: ${host} tells fill ${key}: ${different.join(", ")}`, ours.at, at);
      }
      for (const [key, { at: toldAt }] of told) {
        this.#findings.breach(RULE, `${when}: ${host} tells fill ${key}, which the venue does not have`, toldAt, at);
      }
    }
  }
}

function fieldsOf(fill: TruthFill, order: string): Readonly<Record<string, string>> {
  return {
    order,
    side: fill.side,
    price: canonical(fill.price),
    amount: canonical(fill.size),
    fee: canonical(fill.fee),
    maker: String(fill.isMaker),
  };
}

/** Lists the fields that differ, ours first. */
function differences(ours: ToldFill["fields"], theirs: ToldFill["fields"]): readonly string[] {
  return Object.keys(theirs).flatMap((name) =>
    ours[name] === theirs[name] ? [] : [`${name} is ${ours[name]} and not ${theirs[name]}`],
  );
}

/** A fee as amounts of tokens, or as a fraction of what was traded. */
function feeText({ fee, price, amount: size }: EventLine["data"], token: string): string {
  const { flatFees = [], percent = "0" } = fee as {
    readonly flatFees?: readonly { readonly token: string; readonly amount: string }[];
    readonly percent?: string;
  };
  let total = times(amount(percent), times(amount(String(price)), amount(String(size))));
  for (const flat of flatFees) total = plus(total, flat.token === token ? amount(flat.amount) : ZERO);
  return text(total);
}
