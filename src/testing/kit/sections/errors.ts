import * as errors from "../../../model/error.ts";
import { assert } from "../assertion.ts";
import type { ErrorRow } from "../fixture-shapes.ts";
import type { Kit } from "../register.ts";
import { wirePathOf } from "../shared-paths.ts";
import { fill } from "../template.ts";
import { venueAtUser } from "../venue-at.ts";

/** Each entry of the venue's error table maps as declared. */
export function errorTests({ describe, pure, fixtures }: Kit): void {
  describe("errors", () => {
    pure("every row of the error table maps as declared", ["errorTable"], ({ errorTable }) => {
      assert.ok(errorTable.length > 0, "the table is empty");
      for (const row of errorTable.flatMap(errorRowsOf)) {
        const { webUtils, ...told } = venueAtUser(fixtures);
        const { method = "GET", path = "/", status = 200, body } = row;
        const request = {
          method,
          path: wirePathOf(path, fixtures.sharedPaths),
          isAuthRequired: true,
          limitId: "",
        } as const;
        const text = typeof body === "string" ? body : JSON.stringify(body);
        const error = thrownBy(() => webUtils.unwrapResponse({ status, headers: {}, text }, request));
        const name = `${status} ${text}`;
        assert.ok(error instanceof errors.PerpwireError, `${name} is no error`);
        const { retry = defaultRetryOf(row.error) } = row;
        const expected = { error: row.error, outcome: row.outcome, retry, ...notFound(row) };
        assert.deepEqual(
          {
            error: error.name,
            outcome: error.outcome,
            retry: error.retry,
            duringStatusUpdate: told.isOrderNotFoundDuringStatusUpdateError(error),
            duringCancelation: told.isOrderNotFoundDuringCancelationError(error),
          },
          expected,
          name,
        );
        const isAboutTime = webUtils.isRequestExceptionRelatedToTimeSynchronizer(error);
        assert.equal(isAboutTime, row.isAboutTime ?? error instanceof errors.TimeSyncError, name);
        assert.equal(error.venue, fixtures.venueModule.manifest.name, name);
      }
    });
  });
}

/** Advice of an error's class, which holds where a row says nothing else. */
function defaultRetryOf(name: string): errors.Retry | undefined {
  const found: unknown = Object.entries(errors).find(([known]) => known === name)?.[1];
  const isClass = typeof found === "function" && "defaults" in found;
  return isClass ? (found as typeof errors.PerpwireError).defaults.retry : undefined;
}

/** One row a code. */
export function errorRowsOf(row: ErrorRow): readonly ErrorRow[] {
  return row.codes?.map((code) => ({ ...row, body: fill(row.body, { code }) })) ?? [row];
}

function notFound({ isOrderNotFoundDuringStatusUpdate, isOrderNotFoundDuringCancelation }: ErrorRow) {
  return {
    duringStatusUpdate: isOrderNotFoundDuringStatusUpdate ?? false,
    duringCancelation: isOrderNotFoundDuringCancelation ?? false,
  };
}

function thrownBy(body: () => unknown): unknown {
  try {
    body();
    return undefined;
  } catch (error) {
    return error;
  }
}
