// <position-mode-path>
export const POSITION_MODE_PATH_URL = "/v1/position-mode";
// </position-mode-path>
