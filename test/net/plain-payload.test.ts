import { expect, test } from "vitest";
import { z } from "zod";
import { readPayload } from "../../src/net/payload.ts";
import { plainReaderOf } from "../../src/net/plain-payload.ts";

const noteOf = (empty: () => unknown) => z.object({ note: z.union([z.literal("").transform(empty), z.string()]) });

test.each([undefined, null, "none"])(
  "a word that a schema turns into %s is not read as the option after it",
  (empty) => {
    const schema = noteOf(() => empty);
    for (const note of ["", "x"]) {
      expect(plainReaderOf(schema)?.({ note })).toStrictEqual(schema.parse({ note }));
      expect(readPayload("x", "a row", schema, { note })).toStrictEqual({ note: note === "" ? empty : note });
    }
  },
);
