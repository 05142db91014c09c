import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { nodeRuntime } from "../../src/runtime/node-runtime.ts";
import type { ListeningServer, Runtime, ServerOptions } from "../../src/runtime/runtime.ts";
import { SimulatedWorld } from "../../src/runtime/simulated.ts";

/** What a test of the contract gets: the same in the real world and in the simulated one. */
export interface ContractScene {
  readonly client: Runtime;
  readonly server: Runtime;
  path(name: string): string;
  listen(options?: Partial<ServerOptions>): Promise<ListeningServer>;
}

export interface ContractWorld {
  readonly name: string;
  play(body: (scene: ContractScene) => Promise<void>): Promise<void>;
}

const defaultServer: ServerOptions = {
  host: "127.0.0.1",
  port: 0,
  onRequest: () => ({ status: 404, body: "" }),
  onConnection: () => ({ refuse: 404 }),
};

async function playIn(
  client: Runtime,
  server: Runtime,
  folder: string,
  body: (scene: ContractScene) => Promise<void>,
): Promise<void> {
  const servers: ListeningServer[] = [];
  try {
    await body({
      client,
      server,
      path: (name) => join(folder, name),
      async listen(options) {
        const listening = await server.server.listen({ ...defaultServer, ...options });
        servers.push(listening);
        return listening;
      },
    });
  } finally {
    await Promise.all(servers.map((listening) => listening.close()));
    await client.http.close();
  }
}

export const realWorld: ContractWorld = {
  name: "the real runtime",
  async play(body) {
    const folder = await mkdtemp(join(tmpdir(), "perpwire-"));
    try {
      await playIn(nodeRuntime(), nodeRuntime(), folder, body);
    } finally {
      await rm(folder, { recursive: true, force: true });
    }
  },
};

export const simulatedWorld: ContractWorld = {
  name: "the simulated runtime",
  async play(body) {
    const world = new SimulatedWorld({ seed: 1 });
    await world.run(playIn(world.runtime("client"), world.runtime("server"), "/data", body));
  },
};
