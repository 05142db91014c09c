export function timeOf(path: string, now: () => number): unknown {
  switch (path) {
    // <sign-of-life>
    case "/v1/ping":
      // </sign-of-life>
      return { serverTime: Math.floor(now()) };
    default:
      return undefined;
  }
}
