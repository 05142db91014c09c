import { expect, test } from "vitest";
import { newestRows, type Page } from "../../../src/paper/protocols/pages.ts";

const ITEMS = [1, 2, 3, 4, 5, 6, 7, 8, 9];
const isOdd = (item: number) => item % 2 === 1;

test("pages follow on each other, newest first, and each wanted item is on one of them", () => {
  const seen: number[][] = [];
  let among: number | undefined = ITEMS.length;
  while (among !== undefined) {
    const { rows, rest }: Page<number> = newestRows(ITEMS, { limit: 2, among, isWanted: isOdd });
    seen.push([...rows]);
    among = rest;
  }
  expect(seen).toEqual([[9, 7], [5, 3], [1]]);
});

test("what comes in between two pages is on neither, and shifts nothing", () => {
  const { rest } = newestRows(ITEMS, { limit: 2, isWanted: isOdd });
  const later = [...ITEMS, 11, 13];
  expect(newestRows(later, { limit: 2, among: rest!, isWanted: isOdd }).rows).toEqual([5, 3]);
});

test("the page that ends with the last wanted item says that it is the last", () => {
  expect(newestRows(ITEMS, { limit: 5, isWanted: isOdd })).toEqual({ rows: [9, 7, 5, 3, 1], rest: undefined });
  expect(newestRows([], { limit: 5, isWanted: isOdd })).toEqual({ rows: [], rest: undefined });
});

test("a place beyond the end, which a client made up, is the end", () => {
  expect(newestRows(ITEMS, { limit: 2, among: 10 ** 15, isWanted: isOdd }).rows).toEqual([9, 7]);
});

test("nothing is looked at beyond an item that is too old", () => {
  const looked: number[] = [];
  const isWanted = (item: number) => looked.push(item) > 0;
  expect(newestRows(ITEMS, { limit: 5, isWanted, isTooOld: (item) => item < 7 }).rows).toEqual([9, 8, 7]);
  expect(looked).toEqual([9, 8, 7]);
});
