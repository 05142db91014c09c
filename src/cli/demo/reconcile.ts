import { Decimal, ZERO } from "../../model/decimal.ts";

/**
 * Two accounts of the same facts, compared as text. Every field is written in one canonical way on both sides (amounts
 * as plain decimal text without trailing zeros), so that equal text means equal to the last digit; nothing is rounded
 * and no float takes part.
 */
export interface Row {
  /** What both sides call it, for example the client order id. */
  readonly key: string;
  readonly fields: Readonly<Record<string, string>>;
}

/** One thing that connector and venue do not agree on. Null: that side knows nothing of it. */
export interface Difference {
  readonly section: string;
  readonly key: string;
  readonly field: string;
  readonly connector: string | null;
  readonly venue: string | null;
}

export interface Section {
  readonly name: string;
  /** Rows that each side has. */
  readonly connector: number;
  readonly venue: number;
  /** Rows that both have, with the same text in every field. */
  readonly equal: number;
  readonly onlyConnector: number;
  readonly onlyVenue: number;
  /** Rows that both have, with another text in some field. */
  readonly differing: number;
  readonly differences: readonly Difference[];
}

/** A row that stands twice on one side is a difference: a fact counted twice is as wrong as one that is missing. */
export function compareRows(name: string, connectorRows: readonly Row[], venueRows: readonly Row[]): Section {
  const differences: Difference[] = [];
  const connector = byKey(name, "connector", connectorRows, differences);
  const venue = byKey(name, "venue", venueRows, differences);
  let [equal, differing, onlyConnector] = [0, 0, 0];
  for (const [key, ours] of connector) {
    const theirs = venue.get(key);
    if (theirs === undefined) {
      onlyConnector += 1;
      differences.push({ section: name, key, field: "", connector: rowText(ours), venue: null });
      continue;
    }
    const found = fieldDifferences(name, ours, theirs);
    if (found.length === 0) equal += 1;
    else differing += 1;
    differences.push(...found);
  }
  const missing = [...venue.values()].filter(({ key }) => !connector.has(key));
  for (const row of missing) {
    differences.push({ section: name, key: row.key, field: "", connector: null, venue: rowText(row) });
  }
  return {
    name,
    connector: connectorRows.length,
    venue: venueRows.length,
    equal,
    onlyConnector,
    onlyVenue: missing.length,
    differing,
    differences,
  };
}

function byKey(
  section: string,
  side: "connector" | "venue",
  rows: readonly Row[],
  differences: Difference[],
): ReadonlyMap<string, Row> {
  const known = new Map<string, Row>();
  for (const row of rows) {
    if (known.has(row.key)) {
      const both = { connector: null, venue: null, [side]: `twice: ${rowText(row)}` };
      differences.push({ section, key: row.key, field: "", ...both });
    }
    known.set(row.key, row);
  }
  return known;
}

function fieldDifferences(section: string, ours: Row, theirs: Row): Difference[] {
  const fields = new Set([...Object.keys(ours.fields), ...Object.keys(theirs.fields)]);
  return [...fields].flatMap((field) => {
    const [connector = null, venue = null] = [ours.fields[field], theirs.fields[field]];
    return connector === venue ? [] : [{ section, key: ours.key, field, connector, venue }];
  });
}

function rowText({ fields }: Row): string {
  return Object.entries(fields)
    .map(([field, value]) => `${field} ${value}`)
    .join(", ");
}

/** Plain decimal text without trailing zeros; zero has no sign. `none` where there is no amount. */
export function amountText(value: Decimal | undefined): string {
  if (value === undefined) return "none";
  return (value.isZero() ? ZERO : value).toFixed();
}

/** Amounts on the wire of a paper venue end at the eighth decimal; ties go to the even digit. */
export function toUnit(value: Decimal): Decimal {
  return value.toDecimalPlaces(8, Decimal.ROUND_HALF_EVEN);
}
