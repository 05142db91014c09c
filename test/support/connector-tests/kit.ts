import assert from "node:assert/strict";
import { isAbort } from "../../../src/model/error.ts";
import type { ConnectorFixtures } from "../connector-fixtures.ts";
import { openScene, type Scene, type SceneOptions } from "../scene.ts";

/** What the tests need of a test runner. */
export interface TestApi {
  describe(name: string, body: () => void): void;
  it(name: string, body: () => Promise<void> | void): void;
}

export type ConnectorTests = (fixtures: ConnectorFixtures, api: TestApi) => void;

/** Registers a test that plays in a scene of its own, which is closed and checked afterwards. */
export function sceneTests(fixtures: ConnectorFixtures, { it }: TestApi) {
  return (name: string, options: SceneOptions, body: (scene: Scene) => Promise<void>): void =>
    it(name, async () => {
      await using scene = await openScene(fixtures, options);
      await body(scene);
    });
}

/** Ends with the error that the promise rejects with. */
export async function rejection(scene: Scene, promise: Promise<unknown>): Promise<unknown> {
  return scene.run(
    promise.then(
      () => assert.fail("it did not reject"),
      (error: unknown) => error,
    ),
  );
}

/** A loop ends with `AbortError` when its signal fires, and that is no fault in the log. */
export async function assertEndsWithAbort(scene: Scene, loop: Promise<unknown>, stop: AbortController): Promise<void> {
  loop.catch(() => undefined);
  const faultsBefore = scene.logger.at("error").length;
  stop.abort();
  assert.ok(isAbort(await rejection(scene, loop)));
  assert.equal(scene.logger.at("error").length, faultsBefore, scene.logger.text);
}

export function errorsLogged(scene: Scene): string[] {
  return scene.logger.at("error", "warn").map((line) => `${line.message} ${JSON.stringify(line.fields)}`);
}

export function assertLogged(scene: Scene, pattern: RegExp): void {
  assert.ok(
    errorsLogged(scene).some((line) => pattern.test(line)),
    `nothing like ${pattern} in\n${scene.logger.text}`,
  );
}
