import { OrderChanges } from "./order-changes.ts";
import { OrderCommits } from "./order-commits.ts";
import { OrderEvidence } from "./order-evidence.ts";
import type { OrderRecord } from "./order-record.ts";
import { OrderRetention } from "./order-retention.ts";
import { type TrackedOrder, TrackedOrders } from "./tracked-orders.ts";
import { type ClientOrderTrackerOptions, DEFAULT_MAX_FILLS_KEPT } from "./tracker-options.ts";
import { UntoldNews } from "./untold-news.ts";

/** Parts of the tracker that its classes share. */
export interface TrackerParts {
  readonly options: ClientOrderTrackerOptions;
  readonly orders: TrackedOrders;
  readonly changes: OrderChanges;
  readonly commits: OrderCommits;
  readonly evidence: OrderEvidence;
  readonly retention: OrderRetention;
  /** Changes a live order in one unit of the journal, without effect on another. */
  readonly change: (clientOrderId: string, change: (record: OrderRecord, tracked: TrackedOrder) => void) => void;
}

/** Puts the parts together. */
export function createTrackerParts(options: ClientOrderTrackerOptions): TrackerParts {
  const { journal } = options;
  const orders = new TrackedOrders(options.maxFillsKept ?? DEFAULT_MAX_FILLS_KEPT, options.isEnded);
  const untold = options.untold ?? UntoldNews.opened(journal);
  const changes = new OrderChanges(options);
  const retention = new OrderRetention(options, orders, untold);
  const commits = new OrderCommits({
    journal,
    changes,
    untold,
    onChanged: ({ order: { clientOrderId } }) => {
      const tracked = orders.find(clientOrderId);
      if (tracked === undefined) return;
      orders.noteChange(tracked);
      options.onOrderChanged?.(tracked.order);
    },
    onUnitEnd: () => retention.pruneWhenFull(),
  });
  const evidence = new OrderEvidence(options, orders, commits, changes);
  const change: TrackerParts["change"] = (clientOrderId, work) => {
    const tracked = orders.live(clientOrderId);
    if (tracked === undefined) return;
    commits.run(() => {
      work(tracked.record, tracked);
      commits.changed(tracked.record);
      if (!tracked.record.ended) evidence.settle(tracked);
    });
  };
  return { options, orders, changes, commits, evidence, retention, change };
}
