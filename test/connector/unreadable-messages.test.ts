import { describe, expect, it } from "vitest";
import { openScene, type Scene } from "../../src/testing/kit/scene.ts";
import { VENUES } from "./garbled.ts";

/** Sends a text as it is on the private stream. */
function say(scene: Scene, text: string): void {
  for (const { connection } of scene.server.openConnections(true)) connection.send(text);
}

const asked = (scene: Scene) => scene.server.requests.length;
const gaps = (scene: Scene) => scene.named("gap").map(({ reason }) => reason);
const lines = (scene: Scene) => scene.logger.at("warn", "error").filter(({ message }) => message.includes("private"));

describe.each(VENUES)("a private stream of $venue", ({ fixtures }) => {
  it("that says nothing but what cannot be read is asked about now and then, not as often as it speaks", async () => {
    await using scene = await openScene(fixtures);
    const before = asked(scene);
    for (let count = 0; count < 200; count += 1) {
      say(scene, "{bad");
      await scene.world.advance(100);
    }
    expect(gaps(scene)).toEqual(Array(3).fill("unreadable message: not JSON: {bad"));
    expect(asked(scene) - before).toBeLessThan(60);
    expect(lines(scene).length).toBeLessThanOrEqual(20);
    // What came last is asked about as well.
    await scene.world.advance(15_000);
    expect(gaps(scene)).toHaveLength(4);
  });

  it("is asked about each message of an unknown kind, within a minute", async () => {
    await using scene = await openScene(fixtures);
    say(scene, '{"what":1}');
    await scene.world.advance(5_000);
    say(scene, '{"what":2}');
    await scene.world.advance(50_000);
    expect(gaps(scene)).toEqual(["message of an unknown kind"]);
    await scene.world.advance(10_000);
    expect(gaps(scene)).toHaveLength(2);
    await scene.world.advance(120_000);
    expect(gaps(scene)).toHaveLength(2);
  });

  it("is not asked about any more once the connector has stopped", async () => {
    await using scene = await openScene(fixtures);
    say(scene, '{"what":1}');
    say(scene, '{"what":2}');
    await scene.world.advance(1_000);
    await scene.run(scene.connector.stop());
    const before = [gaps(scene).length, asked(scene)];
    await scene.world.advance(120_000);
    expect([gaps(scene).length, asked(scene)]).toEqual(before);
  });
});
