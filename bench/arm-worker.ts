import { getHeapStatistics } from "node:v8";
import { parentPort, workerData } from "node:worker_threads";
import type { Arm, ArmAnswer, ArmModule, ArmRequest, ArmStart, Pass } from "./arm.ts";
import { threadWorkedUs } from "./worked.ts";

/** Bytes that this isolate has ever allocated: what is collected meanwhile counts too. */
function allocatedBytes(): number {
  return Number(Reflect.get(getHeapStatistics(), "total_allocated_bytes"));
}

async function passOf(arm: Arm): Promise<Pass> {
  const before = allocatedBytes();
  const startMs = performance.now();
  const startUs = threadWorkedUs();
  const pending = arm.pass();
  const figures = pending instanceof Promise ? await pending : pending;
  const cpuMs = (threadWorkedUs() - startUs) / 1_000;
  const wallMs = performance.now() - startMs;
  return { wallMs, cpuMs, bytes: allocatedBytes() - before, figures };
}

async function answerTo(arm: Arm, request: ArmRequest): Promise<unknown> {
  switch (request.kind) {
    case "prepare":
      return await arm.prepare?.(request.input);
    case "pass":
      return await passOf(arm);
    case "state":
      return arm.state?.();
    case "end":
      return await arm.end?.();
  }
}

const { module, arm: name, setup } = workerData as ArmStart;
const answer = (message: ArmAnswer): void => parentPort?.postMessage(message);
const { createArm } = (await import(module)) as ArmModule;
const arm = await createArm(name, setup);
parentPort?.on("message", (request: ArmRequest) => {
  answerTo(arm, request).then(
    (value) => answer({ value }),
    (error: unknown) => answer({ error: error instanceof Error ? (error.stack ?? error.message) : String(error) }),
  );
});
answer({ value: "ready" });
