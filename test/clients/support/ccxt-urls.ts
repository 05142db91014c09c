import type { Endpoint } from "./paper-venue.ts";

interface Urls {
  [name: string]: string | Urls;
}

/** Replaces the hosts of an exchange's URLs, wherever they are, and keeps their paths. */
export function pointAt(venue: Pick<Endpoint, "host" | "port">, urls: Urls): void {
  for (const [name, value] of Object.entries(urls)) {
    if (typeof value === "object") pointAt(venue, value);
    else urls[name] = value.replace(/^(http|ws)s:\/\/[^/]+/, `$1://${venue.host}:${venue.port}`);
  }
}
