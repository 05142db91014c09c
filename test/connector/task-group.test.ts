import { expect, it } from "vitest";
import { TaskGroup } from "../../src/connector/task-group.ts";
import { AbortError, throwIfAborted } from "../../src/model/error.ts";
import { RecordingLogger } from "../../src/testing/kit/recording.ts";

it("work that ends by an abort ends well where the group stops, and is told where something else aborted it", async () => {
  const failures: string[] = [];
  const logger = new RecordingLogger();
  const tasks = new TaskGroup(logger, (_, name) => failures.push(name));
  tasks.run("the loop", async (signal) => {
    await new Promise((resolve) => signal.addEventListener("abort", resolve));
    throwIfAborted(signal);
  });
  tasks.run("the dead loop", () => Promise.reject(new AbortError("somebody else left")));
  await new Promise(setImmediate);
  await tasks.stop();
  expect(failures).toEqual(["the dead loop"]);
  expect(logger.text).toContain("the dead loop ended with an error");
});
