import { describe, expect, it } from "vitest";
import { summaryOf } from "../../scripts/summary.ts";
import { compared, type Run } from "../../scripts/twice/compare.ts";

const run = (changes: Partial<Run["summary"]> = {}, exitCode: number | null = 0): Run => ({
  exitCode,
  summary: { seeds: 52, failed: 0, hash: "h", ...changes },
  words: "",
});

describe("worlds that are played twice", () => {
  it("are the same where both processes played all of them well to the same hash", () => {
    expect(compared([run(), run()], 52)).toEqual({ isSame: true, text: "52 worlds twice: h and h, the same" });
  });

  it("are not where the hashes differ", () => {
    const { isSame, text } = compared([run(), run({ hash: "other" })], 52);
    expect(isSame).toBe(false);
    expect(text).toContain("h and other, NOT THE SAME");
  });

  it("fail where nothing was played, though the hashes are equal", () => {
    const nothing = run({ seeds: 0 });
    expect(compared([nothing, nothing], 52)).toEqual({
      isSame: false,
      text: "process 1: it played 0 worlds, not 52\nprocess 2: it played 0 worlds, not 52",
    });
  });

  it("fail where both processes ended without a result", () => {
    const refused: Run = { exitCode: 2, summary: undefined, words: "--seeds is wrong" };
    const { isSame, text } = compared([refused, refused], 52);
    expect(isSame).toBe(false);
    expect(text).toContain("process 2: it ended with 2 and no result: --seeds is wrong");
  });

  it("fail where a world failed, and where a process ended badly or by a signal", () => {
    expect(compared([run(), run({ failed: 3 }, 1)], 52).text).toBe("process 2: 3 of 52 worlds failed");
    expect(compared([run({}, 1), run()], 52)).toEqual({ isSame: false, text: "process 1: it ended with 1" });
    expect(compared([run(), run({}, null)], 52).text).toBe("process 2: it ended with a signal");
  });
});

describe("the result of a process that plays worlds", () => {
  it("is its last line", () => {
    const summary = { seeds: 4, failed: 0, hash: "h", failures: [] };
    expect(summaryOf(`{"other":1}\n${JSON.stringify(summary)}\n`)).toEqual(summary);
  });

  it.each(['{"error":{"message":"--seeds is wrong"}}', "", "null", '{"seeds":4,'])("is none in %j", (stdout) => {
    expect(summaryOf(stdout)).toBeUndefined();
  });
});
