import { describe, expect, test } from "vitest";
import {
  AuthError,
  InsufficientMarginError,
  NotFoundError,
  OrderRejectedError,
  ProtocolError,
  RateLimitError,
  TimeSyncError,
  VenueUnavailableError,
} from "../../../src/model/error.ts";
import {
  ERROR_TABLE,
  errorOf,
  isOrderNotFoundDuringCancelationError,
  isOrderNotFoundDuringStatusUpdateError,
} from "../../../src/venues/binance/errors.ts";
import { unwrapResponse } from "../../../src/venues/binance/web-utils.ts";

const response = (status: number, body: unknown) => ({
  status,
  headers: {},
  text: typeof body === "string" ? body : JSON.stringify(body),
});
const refusal = (status: number, body: unknown): unknown => {
  try {
    unwrapResponse(response(status, body));
  } catch (error) {
    return error;
  }
  return expect.unreachable("it was no refusal");
};

const EXPECTED = [
  [400, [-1021, -5028], TimeSyncError, "definite", "now"],
  [401, [-1002, -1022, -2014, -2015], AuthError, "definite", "never"],
  [429, [-1003, -1015], RateLimitError, "definite", "later"],
  [503, [-1000, -1001, -1006, -1007], VenueUnavailableError, "unknown", "later"],
  [503, [-1008], VenueUnavailableError, "definite", "later"],
  [400, [-2011, -2013, -1121, -1125], NotFoundError, "definite", "never"],
  [400, [-1100, -1115, -1117, -1130, -4001, -4002, -4004, -4013, -4015], OrderRejectedError, "definite", "never"],
  [400, [-4016, -4024, -2023, -4060, -4120], OrderRejectedError, "definite", "never"],
  [400, [-2018, -2019, -2024, -2028], InsufficientMarginError, "definite", "never"],
  [400, [-5022, -5021, -2022, -4061], OrderRejectedError, "definite", "never"],
  [400, [-2010, -2020, -2021, -2025, -2027, -4131, -4164], OrderRejectedError, "definite", "never"],
  [400, [-1102, -1106, -1111, -1116, -4003, -4005], OrderRejectedError, "definite", "never"],
  [400, [-4014, -4023, -4028, -5027], OrderRejectedError, "definite", "never"],
  [401, [-1011, -1099, -2017], AuthError, "definite", "never"],
  [400, [-1014, -1101, -1103, -1104, -1105, -1108, -1114, -1118, -1122], OrderRejectedError, "definite", "never"],
  [400, [-1128, -1131, -1136, -2016, -2026, -4006, -4007, -4062, -4082], OrderRejectedError, "definite", "never"],
  [400, [-4087, -4088, -4104, -4109, -4118, -4140, -4141, -4161, -4183], OrderRejectedError, "definite", "never"],
  [400, [-4184, -4202, -4203, -4204, -4205, -4206, -4207, -4208, -4209], OrderRejectedError, "definite", "never"],
  [400, [-4402, -4403, -5024, -5025, -5026, -5029, -5037, -5038, -5039], OrderRejectedError, "definite", "never"],
  [400, [-5040, -5041, -5047], OrderRejectedError, "definite", "never"],
  [400, [-1013, -1020, -1023, -1109, -1110, -1112, -1113, -1119, -1120], OrderRejectedError, "definite", "never"],
  [400, [-1126, -1127, -4000, -4084, -4144, -4165], OrderRejectedError, "definite", "never"],
  [400, [-4008, -4009, -4010, -4011, -4012, -4017, -4018, -4019, -4020], OrderRejectedError, "definite", "never"],
  [400, [-4021, -4022, -4025, -4026, -4027, -4029, -4030, -4031, -4032], OrderRejectedError, "definite", "never"],
  [400, [-4033, -4044, -4045, -4047, -4048, -4049, -4050, -4051, -4053], OrderRejectedError, "definite", "never"],
  [400, [-4054, -4055, -4056, -4057, -4058, -4135, -4137, -4138, -4139], OrderRejectedError, "definite", "never"],
  [400, [-4142, -4167, -4168, -4169, -4170, -4172, -4210, -4211], OrderRejectedError, "definite", "never"],
  [400, [-4192, -4400, -4401, -4531, -5043], OrderRejectedError, "definite", "later"],
  [400, [-4067, -4068], OrderRejectedError, "definite", "later"],
  [400, [-4116], OrderRejectedError, "unknown", "never"],
] as const;

describe("the error table", () => {
  test.each(EXPECTED.flatMap(([status, codes, ...rest]) => codes.map((code) => [code, status, ...rest] as const)))(
    "%i",
    (code, status, type, outcome, retry) => {
      const error = refusal(status, { code, msg: "what the venue says" });
      expect(error).toBeInstanceOf(type);
      expect(error).toMatchObject({ outcome, retry, venue: "binance_perpetual", venueCode: String(code) });
      expect(String(error)).toContain("what the venue says");
    },
  );

  test("has no row that is not tested", () => {
    const tested = new Set<number>(EXPECTED.flatMap(([, codes]) => codes));
    expect(ERROR_TABLE.flatMap((row) => row[3]).filter((code) => !tested.has(code))).toEqual([]);
  });
});

test.each([-1010, -1016, -2012, -4083])("%i does not say whether anything was done", (code) => {
  expect(refusal(400, { code, msg: "new" })).toMatchObject({ outcome: "unknown" });
  expect(refusal(503, { code, msg: "new" })).toMatchObject({ outcome: "unknown" });
});

describe("what the table lacks is judged by its HTTP class", () => {
  test.each([
    [400, OrderRejectedError, "unknown"],
    [401, AuthError, "definite"],
    [403, RateLimitError, "definite"],
    [408, VenueUnavailableError, "unknown"],
    [418, RateLimitError, "definite"],
    [429, RateLimitError, "definite"],
    [451, AuthError, "definite"],
    [502, VenueUnavailableError, "unknown"],
    [503, VenueUnavailableError, "unknown"],
  ])("%i", (status, type, outcome) => {
    expect(refusal(status, { code: -9999, msg: "new" })).toBeInstanceOf(type);
    expect(refusal(status, "<html>")).toMatchObject({ outcome });
  });

  test("503 with the sentence that the outcome is unknown", () => {
    const msg = "Unknown error, please check your request or try again later.";
    expect(refusal(503, { code: 0, msg })).toMatchObject({ outcome: "unknown" });
  });
});

describe("what is no error", () => {
  test("a positive code", () => {
    const body = { code: 200, msg: "success" };
    expect(unwrapResponse(response(200, body))).toEqual(body);
  });

  test.each([-4059, -4046])("a setting that was so already (%i)", (code) => {
    expect(unwrapResponse(response(400, { code, msg: "No need to change." }))).toMatchObject({ code });
  });

  test("a negative code with status 200 is one, and so is a body that is not JSON", () => {
    expect(refusal(200, { code: -2011, msg: "Unknown order sent." })).toBeInstanceOf(NotFoundError);
    expect(refusal(200, "<html>")).toBeInstanceOf(ProtocolError);
  });
});

test("an order that is not found is told from a listen key or a symbol that is not", () => {
  expect(isOrderNotFoundDuringStatusUpdateError(errorOf(400, -2013, "Order does not exist."))).toBe(true);
  expect(isOrderNotFoundDuringCancelationError(errorOf(400, -2011, "Unknown order sent."))).toBe(true);
  expect(isOrderNotFoundDuringStatusUpdateError(errorOf(400, -1121, "Invalid symbol."))).toBe(false);
  expect(isOrderNotFoundDuringStatusUpdateError(errorOf(400, -1125, "This listenKey does not exist."))).toBe(false);
  expect(isOrderNotFoundDuringCancelationError(new Error("-2011"))).toBe(false);
});
