// <sign-of-life-path>
export const PING_PATH_URL = "/v1/ping";
// </sign-of-life-path>
