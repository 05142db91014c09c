import assert from "node:assert/strict";
import { PerpwireError, TimeSyncError } from "../../../model/error.ts";
import type { ErrorRow } from "../fixture-shapes.ts";
import type { Kit } from "../register.ts";
import { wirePathOf } from "../shared-paths.ts";
import { fill } from "../template.ts";

/** Each entry of the venue's error table maps as declared. */
export function errorTests({ describe, pure, fixtures }: Kit): void {
  const { connectorName, domain = connectorName, venueModule } = fixtures;
  const urls = { restUrl: "https://venue.test", webSocketUrl: "wss://venue.test/ws" };
  const venue = () => venueModule.createVenue({ domain, ...urls });

  describe("errors", () => {
    pure("every row of the error table maps as declared", ["errorTable"], ({ errorTable }) => {
      assert.ok(errorTable.length > 0, "the table is empty");
      for (const row of errorTable.flatMap(errorRowsOf)) {
        const { webUtils, ...told } = venue();
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
        assert.ok(error instanceof PerpwireError, `${name} is no error`);
        const { retry = error.retry } = row;
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
        assert.equal(isAboutTime, row.isAboutTime ?? error instanceof TimeSyncError, name);
        assert.equal(error.venue, venueModule.manifest.name, name);
      }
    });
  });
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
