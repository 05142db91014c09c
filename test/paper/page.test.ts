import { expect, it } from "vitest";
import { readText } from "../../scripts/venue-sources.ts";
import { PROTOCOL_NAMES } from "../../src/paper/index.ts";

const PAGE = readText("docs/paper.md");

it.each(PROTOCOL_NAMES)("the box's page has a section on the protocol %s, with what is simpler there", (api) => {
  const section = PAGE.split(/^## /m).filter((part) => /^.*\(`api: "(\w+)"`\)/.exec(part)?.[1] === api);
  expect(section).toHaveLength(1);
  expect(section[0]).toMatch(/^\| \| [\w.]+ \| here \|$/m);
});
