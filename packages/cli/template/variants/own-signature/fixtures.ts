import { paste } from "../../../../../src/testing/kit/index.ts";

export const pasted = {
  // <auth-vectors>
  authVectors: paste(
    "requests that a client of the venue's own has signed: a GET with a query, a POST with a body [signing requests]",
  ),
  // </auth-vectors>
};
