/** Connections that are open, and the addresses that they came from. */
export class OpenConnections<Connection> {
  readonly #addresses = new Map<Connection, string>();

  add(connection: Connection, address: string): Connection {
    this.#addresses.set(connection, address);
    return connection;
  }

  remove(connection: Connection): void {
    this.#addresses.delete(connection);
  }

  countOf(address: string): number {
    return [...this.#addresses.values()].filter((known) => known === address).length;
  }

  all(): Iterable<Connection> {
    return this.#addresses.keys();
  }
}
