import { Decimal, ZERO } from "../model/decimal.ts";

/**
 * Two accounts of the same facts, compared as text. Every field is written in one canonical way on both sides (amounts
 * as plain decimal text without trailing zeros), so that equal text means equal to the last digit; nothing is rounded
 * and no float takes part.
 */
export interface Row {
  /** Name that both sides give the row, for example the client order id. */
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
  /** True where its rows are events, of which there may be thousands, and not a few figures. */
  readonly isList: boolean;
  /** Rows that each side has. */
  readonly connector: number;
  readonly venue: number;
  /** Rows that both have, with the same text in every field. */
  readonly equal: number;
  readonly onlyConnector: number;
  readonly onlyVenue: number;
  /** Rows that both have, with another text in some field. */
  readonly differing: number;
  /** Pairs of both sides' rows, in the order of the connector; undefined where a side has none. */
  readonly pairs: readonly RowPair[];
  readonly differences: readonly Difference[];
}

export interface RowPair {
  readonly key: string;
  readonly connector: Row | undefined;
  readonly venue: Row | undefined;
}

/** A row that stands twice on one side is a difference: a fact counted twice is as wrong as one that is missing. */
export function compareRows(
  name: string,
  connectorRows: readonly Row[],
  venueRows: readonly Row[],
  options: { readonly isList?: boolean } = {},
): Section {
  const connector = new Map(connectorRows.map((row) => [row.key, row]));
  const venue = new Map(venueRows.map((row) => [row.key, row]));
  const keys = new Set([...connector.keys(), ...venue.keys()]);
  const pairs = [...keys].map((key) => ({ key, connector: connector.get(key), venue: venue.get(key) }));
  const differencesByPair = pairs.map((pair) => differencesOf(name, pair));
  const inBoth = pairs.filter((pair) => pair.connector !== undefined && pair.venue !== undefined).length;
  const equal = differencesByPair.filter((differences) => differences.length === 0).length;
  return {
    name,
    isList: options.isList === true,
    connector: connectorRows.length,
    venue: venueRows.length,
    equal,
    onlyConnector: connector.size - inBoth,
    onlyVenue: venue.size - inBoth,
    differing: inBoth - equal,
    pairs,
    differences: [
      ...repeated(name, connectorRows).map((difference) => ({ ...difference, venue: null })),
      ...repeated(name, venueRows).map((difference) => ({
        ...difference,
        venue: difference.connector,
        connector: null,
      })),
      ...differencesByPair.flat(),
    ],
  };
}

function differencesOf(section: string, { key, connector, venue }: RowPair): Difference[] {
  if (connector === undefined || venue === undefined) {
    return [{ section, key, field: "", connector: textOf(connector), venue: textOf(venue) }];
  }
  const fields = new Set([...Object.keys(connector.fields), ...Object.keys(venue.fields)]);
  return [...fields].flatMap((field) => {
    const [ours = null, theirs = null] = [connector.fields[field], venue.fields[field]];
    return ours === theirs ? [] : [{ section, key, field, connector: ours, venue: theirs }];
  });
}

function repeated(section: string, rows: readonly Row[]) {
  const seen = new Set<string>();
  return rows.flatMap((row) => {
    if (!seen.has(row.key)) {
      seen.add(row.key);
      return [];
    }
    return [{ section, key: row.key, field: "", connector: `told again: ${rowText(row)}` }];
  });
}

function textOf(row: Row | undefined): string | null {
  return row === undefined ? null : rowText(row);
}

/** The fields in one line. */
export function rowText({ fields }: Row): string {
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
