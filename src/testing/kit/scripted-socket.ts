import type { SocketAnswer, SocketFixture } from "./fixture-shapes.ts";
import { fill, isLike, type Values } from "./template.ts";

/** Answers of a venue's socket, and the frames or the address that make a connection the private one. */
export interface ScriptedSocket {
  answersTo(frame: unknown): readonly unknown[];
  isPrivate(frame: unknown): boolean;
  /** Recognises the private connection by its address, on venues that know it so. */
  isPrivateTarget?(target: string): boolean;
  /** Decides if a frame belongs on the public socket of this address, for venues with several. Default: on all. */
  carries?(target: string, frame: unknown): boolean;
}

/** A socket that does what the fixture says. */
export function scriptedSocket(fixture: SocketFixture): ScriptedSocket {
  const { answers, private: own, public: sockets = [] } = fixture;
  const { frames = [], target: privateTarget } = own;
  return {
    answersTo: (frame) => answers.flatMap((answer) => answersOf(answer, frame)),
    isPrivate: (frame) => frames.some((part) => isLike(part, frame)),
    isPrivateTarget: (target) => privateTarget !== undefined && target.includes(privateTarget),
    carries(target, frame) {
      const text = JSON.stringify(frame);
      const socket = sockets.find(({ frames: part }) => text.includes(part));
      return socket === undefined || target.includes(socket.target);
    },
  };
}

function answersOf(answer: SocketAnswer, frame: unknown): readonly unknown[] {
  if (!isLike(answer.to, frame)) return [];
  const { forEach, unless } = answer;
  const isLeftOut = (part: unknown) => unless !== undefined && isLike(unless, part);
  if (isLeftOut(frame)) return [];
  if (forEach === undefined) return fill(answer.with, { frame });
  const { field, like = "*" } = forEach;
  const list = (frame as Values)[field];
  const items = (Array.isArray(list) ? list : []).filter((item) => isLike(like, item) && !isLeftOut(item));
  return items.flatMap((each) => fill(answer.with, { frame, each }));
}
