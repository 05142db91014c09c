import { ExchangeClient, HttpTransport, InfoClient, SubscriptionClient, WebSocketTransport } from "@nktkas/hyperliquid";
import { privateKeyToAccount } from "viem/accounts";
import { onTestFinished } from "vitest";
import type { PaperVenue } from "../../../src/paper/index.ts";

/** What its constructors and methods take for an address. */
export type Hex = `0x${string}`;

/** All of its clients for one account of a venue; those with `socket` ask and act over a WebSocket. */
export function nktkas(venue: PaperVenue, apiKey?: string) {
  const { accountAddress = "", privateKey = "" } = venue.credentials("hyperliquid", apiKey);
  const { rest = "", ws = "" } = venue.urls.hyperliquid ?? {};
  const wallet = privateKeyToAccount(privateKey as Hex);
  const http = new HttpTransport({ apiUrl: rest });
  const socket = new WebSocketTransport({ url: ws });
  onTestFinished(() => socket.close());
  return {
    user: accountAddress as Hex,
    info: new InfoClient({ transport: http }),
    exchange: new ExchangeClient({ transport: http, wallet }),
    streams: new SubscriptionClient({ transport: socket }),
    socketInfo: new InfoClient({ transport: socket }),
    socketExchange: new ExchangeClient({ transport: socket, wallet }),
  };
}
