export interface RequestTarget {
  readonly path: string;
  /** Query without the question mark; empty where there is none. */
  readonly query: string;
}

/** Splits at the first question mark: further ones belong to the query. */
export function splitTarget(target: string): RequestTarget {
  const mark = target.indexOf("?");
  return mark === -1 ? { path: target, query: "" } : { path: target.slice(0, mark), query: target.slice(mark + 1) };
}
