import type { Route } from "../../../../../src/testing/kit/index.ts";

export const notOffered = {
  // <not-offered-time>
  serverTime: "The venue does not tell its time.",
  // </not-offered-time>
};

export const routesBy = (get: (path: string, payload: unknown) => Route) => [
  // <sign-of-life>
  get("/v1/ping", {}),
  // </sign-of-life>
];

export const pasted = {
  // <server-time>
  // </server-time>
};
