import { DESK } from "../support/paper-venue.ts";
import { argumentsFor, type Client } from "./arguments/arguments.ts";
import type { ThirdPartyClient } from "./clients.ts";
import { type Outcome, outcomeOf } from "./outcome.ts";
import { Recorder } from "./recorder.ts";
import { type Holding, openScene, type Scene } from "./scene.ts";

/** Asks methods of a client one by one, each in an account that nobody has changed. */
export class Asking {
  readonly #client: ThirdPartyClient;
  readonly #recorder = new Recorder();
  #scene: { readonly holding: Holding; readonly scene: Scene } | undefined;

  constructor(client: ThirdPartyClient) {
    this.#client = client;
  }

  methods(): readonly string[] {
    return this.#client.methods(this.#client.create({ ...DESK, host: "127.0.0.1", port: 1 }));
  }

  async ask(method: string): Promise<Outcome> {
    const { api, book } = this.#client;
    if (book.elsewhere.includes(method)) return "nothing sent";
    const scene = await this.#sceneFor(book.holdings[method] ?? "orders");
    const client = await this.#newClient();
    const values = await argumentsFor(book, client, method, scene);
    const before = this.#recorder.take();
    const thrown = await throws(client, method, values);
    const exchanges = this.#recorder.take();
    if ([...before, ...exchanges].some((exchange) => exchange.method !== "GET")) await this.#leave();
    const outcome = outcomeOf(api, exchanges);
    return outcome === "served" && thrown ? "ended by the client" : outcome;
  }

  async close(): Promise<void> {
    await this.#leave();
    await this.#recorder.close();
  }

  async #newClient() {
    const client = this.#client.create({ ...DESK, ...(await this.#recorder.listen()) });
    await this.#client.prepare(client);
    return client;
  }

  async #sceneFor(holding: Holding): Promise<Scene> {
    if (this.#scene?.holding !== holding) {
      await this.#leave();
      this.#scene = { holding, scene: await openScene(this.#client.api, holding) };
      this.#recorder.passTo(this.#scene.scene.venue.port);
    }
    return this.#scene.scene;
  }

  async #leave(): Promise<void> {
    await this.#scene?.scene.venue.stop();
    this.#scene = undefined;
  }
}

/** Clients that take a refusal for an answer do not throw. */
async function throws(client: Client, method: string, values: readonly unknown[]): Promise<boolean> {
  try {
    await client[method](...values);
    return false;
  } catch {
    return true;
  }
}
