import { ProtocolError } from "../model/error.ts";
import type { BookChecksum } from "./book-checksum.ts";
import type { BookFrame } from "./book-frame.ts";

/** Rule by which a book proves that it missed nothing. Every venue names the rule of its books. */
export type ContinuityRule = ChecksumRule | SequenceRule | SnapshotsRule | ConnectionRule;

/** Each message carries a checksum of the book after it. */
export interface ChecksumRule {
  readonly kind: "checksum";
  /** Levels a side that the checksum is made over, and that the stream keeps: what leaves them is not followed. */
  readonly depth: number;
  /** Called once for each book. */
  createChecksum(): BookChecksum;
  readonly snapshotSource?: "stream";
}

/**
 * Each message carries ids. `contiguous`: it starts one after the last applied one (Bybit `u`, where `u` 1 is a restart
 * that replaces the book). `previousId`: it names the last applied one (Binance `pu`, OKX `prevSeqId`).
 */
export interface SequenceRule {
  readonly kind: "sequence";
  readonly style: "contiguous" | "previousId";
  /**
   * Source of the snapshot: the stream itself starts with one, or it is fetched over REST and joined with the stream.
   */
  readonly snapshotSource: "stream" | "rest";
  /**
   * True where a stream that starts without its snapshot is joined with one over REST, whose frames have no
   * `previousUpdateId` (OKX, which announced that the stream may lose it). Default false.
   */
  readonly joinsOverRest?: boolean | undefined;
  /**
   * Levels a side that a snapshot has at most: a side with fewer is whole, of one with as many nothing is known beyond
   * the worst. Absent where snapshots are always whole. A frame may tell another `depth`.
   */
  readonly depth?: number | undefined;
  /**
   * `window`: the messages keep the best `depth` levels and tell which level enters as another leaves (Bybit, OKX).
   * `book`: they tell changes of the whole book, so that what lay beyond a snapshot stays unknown until it changes
   * (Binance). Default `book`.
   */
  readonly follows?: "window" | "book" | undefined;
  /** True where the stream says so when nothing changes (OKX, every minute): silence is a dead channel then. */
  readonly isNeverQuiet?: boolean | undefined;
}

/**
 * Each message is the whole book, down to its `depth` (Hyperliquid `l2Book`, Pacifica `book`): one that is older than the
 * book is dropped, and nothing is lost with one that does not come.
 */
export interface SnapshotsRule {
  readonly kind: "snapshots";
  /** Field of the frames that grows from snapshot to snapshot. */
  readonly order: "updateId" | "timestamp";
  /** Levels a side that a snapshot has at most. */
  readonly depth: number;
  readonly snapshotSource?: "stream";
  /** True, as in a `SequenceRule`, where the venue sends the book also when nothing changes. */
  readonly isNeverQuiet?: boolean | undefined;
}

/**
 * The messages of a connection are numbered, those of a book are not (dYdX): `messageNumber` of the data source tells the
 * numbers, and every change counts while none was missed.
 */
export interface ConnectionRule {
  readonly kind: "connection";
  /** Levels a side that a snapshot has at most; absent where snapshots are whole. */
  readonly depth?: number | undefined;
  readonly snapshotSource?: "stream";
}

/** `restart`: apply the message as a snapshot, whatever it is called. `drop`: the book holds it already. */
export type ContinuityVerdict = "apply" | "restart" | "drop" | "gap";

export function snapshotSourceOf(rule: ContinuityRule): "stream" | "rest" {
  return rule.snapshotSource ?? "stream";
}

/** Tells that messages before a snapshot are kept, to be joined with one over REST. */
export function isJoinedOverRest(rule: ContinuityRule): boolean {
  return rule.kind === "sequence" && (rule.snapshotSource === "rest" || rule.joinsOverRest === true);
}

export const isNeverQuiet = (rule: ContinuityRule): boolean =>
  (rule.kind === "sequence" || rule.kind === "snapshots") && rule.isNeverQuiet === true;

/** Position of a book when the next message comes. */
export interface BookPosition {
  readonly updateId: number;
  readonly timestampMs: number;
}

/**
 * Judges a diff against the book it is for. `isJoining` is true until the first diff after a REST snapshot is applied:
 * diffs older than the snapshot are dropped and the one that straddles it is applied.
 */
export function judgeDiff(
  rule: ContinuityRule,
  position: BookPosition,
  frame: BookFrame,
  isJoining: boolean,
): ContinuityVerdict {
  if (rule.kind === "checksum") return Number.isNaN(frame.checksum) ? "gap" : "apply";
  if (rule.kind === "snapshots") return "gap";
  if (rule.kind === "connection") return "apply";
  if (isJoining) return rule.style === "contiguous" ? joinContiguous(position, frame) : joinPrevious(position, frame);
  return rule.style === "contiguous" ? followContiguous(position, frame) : followPrevious(position, frame);
}

/** Longest that a message is late; one that is older by more comes from a clock that was set back. */
const MAX_LATE_MS = 5_000;

/**
 * Tells that a snapshot of the stream is older than the book that it would replace. One of the same order is taken: it
 * is the answer to a new subscription, or a second one in the same millisecond. One that is much older is taken as
 * well: the venue's clock was set, or a time far ahead was wrong, and dropping all that follow would freeze a valid
 * book.
 */
export function isStaleSnapshot(rule: ContinuityRule, position: BookPosition, frame: BookFrame): boolean {
  if (rule.kind !== "snapshots") return false;
  const lateMs = position.timestampMs - frame.timestampMs;
  if (rule.order === "timestamp") return lateMs > 0 && lateMs <= MAX_LATE_MS;
  return frame.updateId < position.updateId && isOld(position, frame);
}

function followContiguous(position: BookPosition, frame: BookFrame): ContinuityVerdict {
  // "u=1 ... is a snapshot due to the restart of the service" (Bybit v5, websocket/public/orderbook).
  if (isRestart(frame)) return "restart";
  const expected = position.updateId + 1;
  if (frame.updateId >= expected && firstIdOf(frame) <= expected) return "apply";
  return isOld(position, frame) ? "drop" : "gap";
}

function followPrevious(position: BookPosition, frame: BookFrame): ContinuityVerdict {
  // The link comes before the order of ids: OKX may reset seqId below prevSeqId in maintenance.
  if (frame.previousUpdateId === position.updateId) return "apply";
  return isOld(position, frame) ? "drop" : "gap";
}

function joinContiguous(position: BookPosition, frame: BookFrame): ContinuityVerdict {
  if (isRestart(frame)) return "restart";
  if (frame.updateId <= position.updateId) return "drop";
  return firstIdOf(frame) <= position.updateId + 1 ? "apply" : "gap";
}

function joinPrevious(position: BookPosition, frame: BookFrame): ContinuityVerdict {
  // "Drop any event where u is < lastUpdateId; the first processed event should have U <= lastUpdateId and
  // u >= lastUpdateId" (Binance USD-M, how to manage a local order book). Ids have holes: the event covers everything
  // after its pu, so one whose pu is not above lastUpdateId continues the snapshot as well.
  if (frame.updateId < position.updateId) return "drop";
  return firstIdOf(frame) <= position.updateId || frame.previousUpdateId <= position.updateId ? "apply" : "gap";
}

function isRestart(frame: BookFrame): boolean {
  return frame.updateId === 1 && firstIdOf(frame) === 1;
}

function firstIdOf(frame: BookFrame): number {
  return Number.isNaN(frame.firstUpdateId) ? frame.updateId : frame.firstUpdateId;
}

/** A repeated message. Ids that go back while the venue's time goes on are a restart that was missed, so a gap. */
function isOld(position: BookPosition, frame: BookFrame): boolean {
  if (frame.updateId === position.updateId) return true;
  return frame.updateId < position.updateId && frame.timestampMs <= position.timestampMs;
}

/**
 * An id that may reach beyond 2^53, as the number that frames hold: its lowest 53 bits, in which neighbours stay neighbours.
 * Throws `ProtocolError` for what is no id.
 */
export function updateIdOf(value: unknown): number {
  if (typeof value === "number" && Number.isSafeInteger(value)) return value;
  if (typeof value === "string" && /^\d{1,20}$/.test(value)) return Number(BigInt.asUintN(53, BigInt(value)));
  throw new ProtocolError("not an id of an update");
}

/** Describes a gap, for the log and the event. */
export function describeGap(rule: ContinuityRule, position: BookPosition, frame: BookFrame): string {
  if (rule.kind === "checksum") return "gap: a message without a checksum";
  if (rule.kind === "snapshots") return "gap: a change where the venue's rule is that each message is the whole book";
  if (rule.kind === "connection") return "gap";
  const { updateId, firstUpdateId, previousUpdateId } = frame;
  const named = rule.style === "previousId" ? `after ${previousUpdateId}` : `from ${firstIdOf(frame)}`;
  const first = Number.isNaN(firstUpdateId) ? "" : `${firstUpdateId} to `;
  return `gap: the book is at ${position.updateId}, the message is ${first}${updateId} (${named})`;
}
