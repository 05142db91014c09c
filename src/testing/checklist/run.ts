import { describeError } from "../../model/error.ts";
import type { FixtureName } from "../kit/fixtures.ts";
import { pastesIn } from "../kit/paste.ts";
import { PROTOCOL_ROWS } from "../seed-api-rows.ts";
import { CHECKLIST_ITEMS } from "../seed-items.ts";
import type { ProtocolRow, SeedItem } from "../seed-symbols.ts";
import { offerOf, reasonOf, wordsOf } from "./abilities.ts";
import { probeApiRows } from "./api-probes.ts";
import type { ChecklistAnswer, ChecklistDocument, ChecklistItem, ConnectorChecklist } from "./document.ts";
import { type Kit, type KitResults, type Needs, needsOf, runKit } from "./kit-run.ts";
import type { Endpoint } from "./probe.ts";
import { missing } from "./symbols.ts";
import { type VenueFacts, type VenueSource, venueFacts } from "./venue-facts.ts";

const PREREQUISITE: ChecklistItem = {
  section: "Prerequisites",
  item: "Hummingbot source version installed on your system",
  kind: "prerequisite",
  symbol: "",
  tests: [],
};
const NOT_APPLICABLE: ChecklistAnswer = { status: "not-offered", reason: "not applicable, no Python needed" };

/** Runs the kit for every venue, asks each what the API table is about, and answers every item of the checklist. */
export async function runChecklist(sources: readonly VenueSource[], kit: Kit): Promise<ChecklistDocument> {
  const needs = sources.map((source) => needsOf(kit, source.fixtures));
  const connectors: [string, ConnectorChecklist][] = [];
  for (const source of sources) connectors.push([source.fixtures.connectorName, await checkVenue(source, kit)]);
  const apiItems = PROTOCOL_ROWS.map(({ name, symbol, tests }): ChecklistItem => {
    return { section: "API checklist", item: name, kind: "api", symbol, tests };
  });
  const items = CHECKLIST_ITEMS.items.map((item): ChecklistItem => {
    const { section, name, kind, symbol, fixture, tests } = item;
    const needed = fixture === undefined || tests.length > 0 ? [] : needs.flatMap((each) => each.get(fixture) ?? []);
    return { section, item: name, kind, symbol, tests: [...new Set([...tests, ...needed])] };
  });
  return { items: [PREREQUISITE, ...apiItems, ...items], connectors: Object.fromEntries(connectors) };
}

async function checkVenue(source: VenueSource, kit: Kit): Promise<ConnectorChecklist> {
  const facts = await venueFacts(source);
  const results = await runKit(kit, source.fixtures);
  const needs = needsOf(kit, source.fixtures);
  const endpoints = await probeApiRows(facts);
  const { manifest } = facts.venue;
  const proof = { results, leftOut: leftOutTests(facts) };
  const named = (status: string) => [...results].flatMap(([name, found]) => (found === status ? [name] : []));
  return {
    displayName: manifest.displayName,
    folder: source.folder,
    documentsDate: manifest.documentsDate,
    domains: manifest.domains,
    tests: {
      ...{ passed: named("passed"), invented: named("invented"), failed: named("failed"), todo: named("todo") },
    },
    answers: [
      NOT_APPLICABLE,
      ...PROTOCOL_ROWS.map((row) => apiAnswer(row, endpoints[row.name], facts, proof)),
      ...CHECKLIST_ITEMS.items.map((item) => itemAnswer(item, facts, proof, needs)),
    ],
  };
}

interface Proof {
  readonly results: KitResults;
  /** Tests of abilities that the venue does without, and says why. */
  readonly leftOut: ReadonlySet<string>;
}

function leftOutTests(facts: VenueFacts): ReadonlySet<string> {
  const isExplained = ({ ability }: SeedItem): boolean => {
    const offer = ability === undefined ? undefined : offerOf(ability, facts);
    return offer?.isOffered === false && offer.reason !== undefined;
  };
  const left = CHECKLIST_ITEMS.items.filter((item) => item.kind === "test" && isExplained(item));
  return new Set(left.flatMap(({ tests }) => tests));
}

function apiAnswer(row: ProtocolRow, endpoint: Endpoint, facts: VenueFacts, proof: Proof): ChecklistAnswer {
  if ("failure" in endpoint) {
    const offer = row.ability === undefined ? undefined : offerOf(row.ability, facts);
    const reason =
      reasonOf([row.name, ...(row.fixture === undefined ? [] : [row.fixture])], facts) ??
      (offer?.isOffered === false ? offer.reason : undefined);
    return reason === undefined ? no(describeError(endpoint.failure)) : { status: "not-offered", reason };
  }
  return { ...testAnswer(row.tests, proof), endpoint: endpoint.text };
}

function itemAnswer(item: SeedItem, facts: VenueFacts, proof: Proof, needs: Needs): ChecklistAnswer {
  const { ability, fixture, symbol, tests } = item;
  if (ability !== undefined) {
    const offer = offerOf(ability, facts);
    if (!offer.isOffered) {
      if (offer.reason !== undefined) return { status: "not-offered", reason: offer.reason };
      return no(`there is no ${wordsOf(ability).replace(/^an? /, "")}, and the venue does not say why`);
    }
  }
  if (fixture !== undefined)
    return fixtureAnswer(fixture, facts, proof, tests.length > 0 ? tests : (needs.get(fixture) ?? []));
  const problem = missing(symbol, facts);
  return problem === undefined ? testAnswer(tests, proof) : no(problem);
}

function fixtureAnswer(
  name: FixtureName,
  { fixtures }: VenueFacts,
  proof: Proof,
  tests: readonly string[],
): ChecklistAnswer {
  const value = fixtures[name];
  if (value === undefined) return no(`the fixtures have no ${name}`);
  const [marker] = pastesIn(value);
  if (marker !== undefined) return no(`to be pasted: ${marker.paste}`);
  return tests.length === 0 ? no(`no test needs ${name}`) : testAnswer(tests, proof);
}

const PROBLEMS = {
  invented: "ran on an ability that the venue does not have",
  failed: "failed",
  todo: "waits",
} as const;

/**
 * Derives the answer of an item from its tests. A test that ran on an invention adds nothing beside tests that passed, as
 * one that was left out lacks nothing there; alone neither is a proof.
 */
function testAnswer(tests: readonly string[], { results, leftOut }: Proof): ChecklistAnswer {
  const isProved = tests.some((name) => results.get(name) === "passed");
  const problems = tests.flatMap((name) => {
    const status = results.get(name);
    const addsNothing = status === "invented" || (status === undefined && leftOut.has(name));
    if (status === "passed" || (addsNothing && isProved)) return [];
    return [`"${name}" ${status === undefined ? "is not among the tests" : PROBLEMS[status]}`];
  });
  return problems.length === 0 ? { status: "yes" } : no(problems.join("; "));
}

function no(reason: string): ChecklistAnswer {
  return { status: "no", reason };
}
