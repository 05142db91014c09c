import { describe, expect, it } from "vitest";
import { scriptedSocket } from "../../../src/testing/kit/scripted-socket.ts";

const socket = scriptedSocket({
  answers: [
    { to: "ping", with: ["pong"] },
    { to: { op: "*" }, with: [{ op: "{frame.op}", id: "{frame.id}" }] },
    { to: { op: "subscribe" }, forEach: { field: "args" }, with: [{ event: "subscribed", arg: "{each}" }] },
    {
      ...{ to: { op: "subscribe" }, with: [{ topic: "{each.channel}", data: [] }] },
      forEach: { field: "args", like: { channel: "book*" } },
    },
  ],
  private: { frames: [{ op: "login" }], target: "listenKey=" },
  public: [
    { target: "/books", frames: "@depth" },
    { target: "/market", frames: "@" },
  ],
});

describe("a socket made from a fixture", () => {
  it("answers with every rule that fits, in order, and echoes the frame", () => {
    const args = [{ channel: "books", id: 1 }, { channel: "trades" }];
    expect(socket.answersTo({ op: "subscribe", id: 7, args })).toEqual([
      { op: "subscribe", id: 7 },
      { event: "subscribed", arg: args[0] },
      { event: "subscribed", arg: args[1] },
      { topic: "books", data: [] },
    ]);
    expect(socket.answersTo("ping")).toEqual(["pong"]);
    expect(socket.answersTo({ no: "rule" })).toEqual([]);
    expect(socket.answersTo({ op: "subscribe", id: 1, args: "no list" })).toEqual([{ op: "subscribe", id: 1 }]);
  });

  it("knows a private connection by a frame or by its address", () => {
    expect([socket.isPrivate({ op: "login", args: [] }), socket.isPrivate({ op: "subscribe" })]).toEqual([true, false]);
    expect(socket.isPrivateTarget?.("/ws?listenKey=abc")).toBe(true);
    expect(socket.isPrivateTarget?.("/ws")).toBe(false);
  });

  it("sends a public frame where the first rule that fits says, and others everywhere", () => {
    const goes = (frame: unknown) => ["/books", "/market"].filter((target) => socket.carries?.(target, frame));
    expect(goes({ stream: "x@depth" })).toEqual(["/books"]);
    expect(goes({ stream: "x@trade" })).toEqual(["/market"]);
    expect(goes({ hello: 1 })).toEqual(["/books", "/market"]);
  });
});
