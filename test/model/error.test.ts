import { describe, expect, it } from "vitest";
import * as own from "../../src/model/error.ts";

const other: typeof own = await import(`../../src/model/error.ts?${"copy"}=2`);

describe("errors of another copy of the package", () => {
  const error = new other.NotSentError("it waited too long");

  it("are none of this copy's classes by their prototype", () => {
    expect(other.NotSentError).not.toBe(own.NotSentError);
    expect(Function.prototype[Symbol.hasInstance].call(own.NotSentError, error)).toBe(false);
  });

  it("are instances of the class of the same name and of what it extends, and of no other", () => {
    expect(error).toBeInstanceOf(own.NotSentError);
    expect(error).toBeInstanceOf(own.PerpwireError);
    expect(error instanceof own.TransportError).toBe(false);
    expect(own.outcomeOf(error)).toBe("definite");
  });

  it("are instances of a class of the program's that extends one of theirs only where they were made so", () => {
    class MyError extends own.ConfigError {}
    expect(new MyError("mine")).toBeInstanceOf(MyError);
    expect(new MyError("mine")).toBeInstanceOf(other.ConfigError);
    expect(new own.ConfigError("not mine") instanceof MyError).toBe(false);
  });

  it("are not taken for one another by a name, or for want of one", () => {
    const unnamed = () => class extends own.PerpwireError {};
    const [One, Two] = [unnamed(), unnamed()];
    expect(new One("x") instanceof Two).toBe(false);
    const AuthError = class AuthError extends own.PerpwireError {};
    expect(new AuthError("mine") instanceof own.AuthError).toBe(false);
    expect(new own.AuthError("theirs") instanceof AuthError).toBe(false);
  });

  it("show no more fields than they did", () => {
    expect(Object.keys(error)).toEqual(Object.keys(new own.NotSentError("x")));
    expect(JSON.stringify(error)).not.toContain("PerpwireError");
  });

  it.each([undefined, null, 7, "PerpwireError", {}, new Error("x")])("have nothing in common with %o", (value) => {
    expect(value instanceof own.PerpwireError).toBe(false);
  });
});
