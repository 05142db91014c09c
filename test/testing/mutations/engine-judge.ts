import {
  describePerpetualConnector,
  type PerpetualConnectorFixtures,
  runInProcess,
  type TestRunner,
} from "../../../src/testing/kit/index.ts";
import type { Verdict } from "./worker.ts";

/** Runs the whole kit of one venue against the engine as it is loaded, until a test fails. */
export async function judgeEngine(venue: string): Promise<Verdict> {
  const module = (await import(`../../venues/${venue}/fixtures.ts`)) as Readonly<
    Record<string, PerpetualConnectorFixtures>
  >;
  const fixtures = module[`${venue}Fixtures`];
  if (fixtures === undefined) throw new TypeError(`${venue} has no fixtures`);
  const register = (runner: TestRunner) => describePerpetualConnector(fixtures, runner);
  const results = await runInProcess(register, { stopAtFirstFailure: true });
  const failed = results.find(({ status }) => status === "failed");
  return { caughtBy: failed?.path.slice(1).join(": "), ran: results.filter(({ status }) => status !== "todo").length };
}
