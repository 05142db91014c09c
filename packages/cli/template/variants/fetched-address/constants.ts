// <stream-path>
export const STREAM_ADDRESS_PATH_URL = "/v1/stream-address";
// </stream-path>
