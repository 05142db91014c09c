import type { BookWire } from "../../../market-data/book-wire.ts";
import { PublicMessageDispatcher } from "../../../market-data/public-message-dispatcher.ts";
import type { VenueMarkets } from "../../../model/venue-markets.ts";
import { SILENT_LOGGER } from "../../../runtime/logger.ts";
import { assert, shown } from "../assertion.ts";
import { changedMessages } from "../changed-messages.ts";
import { createComponents } from "../components.ts";
import { COMPONENTS, type Kit } from "../register.ts";
import type { Scene } from "../scene.ts";
import { venueAtUser } from "../venue-at.ts";
import { type ToldFrame, toldFrame, UNSTARTED } from "./books.ts";

const OTHER_MESSAGES = ["orderBookSnapshotEvent", "malformedDiffEvent", "tradeEvent"] as const;

/** A message and its name in a failure. */
interface NamedMessage {
  readonly name: string;
  readonly message: unknown;
}

/** Tests that the book is the same whether its messages are read from their bytes or by the venue's parser. */
export function bookWireTests({ describe, pure, test, fixtures }: Kit): void {
  const { manifest } = fixtures.venueModule;
  const { bookWire, messageNumber } = venueAtUser(fixtures).orderBookDataSource;
  if (bookWire === undefined) return;
  const isOfSnapshots = manifest.continuity.kind === "snapshots";
  const messages = isOfSnapshots ? "orderBookSnapshotEvents" : "orderBookDiffEvents";
  const needs = [...COMPONENTS, messages] as const;

  describe("order book from bytes", () => {
    pure("the messages that are read from their bytes are those that keep the book", [], () => {
      const kind = isOfSnapshots ? "snapshot" : "diff";
      assert.equal(bookWire.kind, kind, "the kind of bookWire, by the continuity rule of the manifest");
      assert.ok(
        messageNumber === undefined,
        "messages that are numbered (messageNumber) cannot be read from their bytes",
      );
    });

    test("a message says from its bytes what it says to the parser", { needs, scene: UNSTARTED }, async (scene, f) => {
      const ways = new TwoWays(scene);
      const given = namedMessages(scene, messages, f[messages]);
      // From the second one on, a message is read by the layout of the first.
      const read = [...given, ...given].map((each) => ways.compareOnceLearned(each));
      const lacks = given.map(({ name, message }) => `${name} ${lackOf(bookWire, message)}: ${shown(message)}`);
      const isFit = read.some(Boolean);
      assert.ok(isFit, `bookWire fits no message, so that none is read from its bytes\n${lacks.join("\n")}`);
    });

    test(
      "a message that is changed anywhere is read from its bytes as by the parser, or not at all",
      { needs, uses: OTHER_MESSAGES, scene: UNSTARTED },
      async (scene, f) => {
        const ways = new TwoWays(scene);
        const others = OTHER_MESSAGES.flatMap((name) =>
          f[name] === undefined ? [] : namedMessages(scene, name, [f[name]]),
        );
        for (const original of [...namedMessages(scene, messages, f[messages]), ...others]) {
          ways.compareOnceLearned(original);
          for (const { how, message } of changedMessages(original.message)) {
            ways.compare({ name: `${original.name}, ${how},`, message });
          }
        }
      },
    );
  });
}

function namedMessages(scene: Scene, name: string, messages: readonly unknown[]): readonly NamedMessage[] {
  return messages.map((message, index) => {
    const place = messages.length === 1 ? name : `${name}[${index}]`;
    return { name: place, message: JSON.parse(JSON.stringify(scene.fill(message))) };
  });
}

/** The venue's messages by both ways, each with a dispatcher of its own, as connections have them. */
class TwoWays {
  readonly #byText: OneWay;
  readonly #byBytes: OneWay;

  constructor(scene: Scene) {
    const { markets } = createComponents(scene);
    this.#byText = new OneWay(scene, markets);
    this.#byBytes = new OneWay(scene, markets);
  }

  /** Compares a message after it has shown the digits of its market's prices and sizes. */
  compareOnceLearned(each: NamedMessage): boolean {
    this.#learn(each.message);
    return this.compare(each);
  }

  /** Gives both ways a message, as a connection does: one that is not read from its bytes goes over the parser. */
  #learn(message: unknown): void {
    const text = JSON.stringify(message);
    this.#byBytes.asBytes(text);
    this.#byBytes.asText(text);
  }

  /** Tells whether the message was read from its bytes, and fails where the parser reads something else. */
  compare({ name, message }: NamedMessage): boolean {
    const text = JSON.stringify(message);
    const scanned = this.#byBytes.asBytes(text);
    if (scanned === undefined) return false;
    const { kind, frame } = this.#byText.asText(text);
    if (frame === undefined) {
      const instead = kind === "malformed" ? "refuses it" : `takes it for ${kind} without a book`;
      assert.fail(`${name} is read from its bytes, and the parser ${instead}: ${shown(message)}`);
    }
    for (const key of Object.keys(frame) as (keyof ToldFrame)[]) {
      assert.deepEqual(scanned[key], frame[key], `${key} of ${name} from its bytes, and by the parser`);
    }
    return true;
  }
}

class OneWay {
  readonly #dispatcher: PublicMessageDispatcher;
  #told: ToldFrame | undefined;

  constructor({ venue }: Scene, markets: VenueMarkets) {
    this.#dispatcher = new PublicMessageDispatcher({
      venue: venue.orderBookDataSource,
      markets: () => markets,
      logger: SILENT_LOGGER,
      handlers: {
        onBookFrame: (frame) => {
          this.#told = toldFrame(frame);
        },
        onTrade: () => undefined,
        onFundingInfo: () => undefined,
      },
    });
  }

  asText(text: string) {
    this.#told = undefined;
    const kind = this.#dispatcher.dispatch(text);
    return { kind, frame: this.#told };
  }

  asBytes(text: string): ToldFrame | undefined {
    this.#told = undefined;
    this.#dispatcher.dispatchBytes(encoder.encode(text));
    return this.#told;
  }
}

const encoder = new TextEncoder();

/** Clause about a message that does not fit: what it lacks of all that the venue says is in every one. */
function lackOf(wire: BookWire, message: unknown): string {
  const { envelope, texts, symbol, time, updateId, firstUpdateId, previousUpdateId, checksum, bids, asks } = wire;
  const ids = [updateId, firstUpdateId, previousUpdateId, checksum].flatMap((path) => path ?? []);
  const paths = [...Object.keys(texts), symbol, time.path, ...ids, bids, asks];
  const enveloped = envelope === undefined ? undefined : valueAt(message, envelope.key);
  const missing = paths.filter((path) => valueAt(enveloped ?? message, path) === undefined);
  if (missing.length > 0) return `has no ${missing.join(", ")}`;
  return "has all that bookWire names: a text differs, or something is nested that bookWire does not name";
}

function valueAt(message: unknown, path: string): unknown {
  let value = message;
  for (const key of path.split(".")) {
    if (typeof value !== "object" || value === null) return undefined;
    value = (value as Readonly<Record<string, unknown>>)[key];
  }
  return value;
}
