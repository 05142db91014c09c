import type { VenueModule } from "../../../src/connector/perpetual-venue.ts";
import type { PerpetualConnectorFixtures } from "../../../src/testing/kit/fixtures.ts";
import { venueModule as binance } from "../../../src/venues/binance/derivative.ts";
import { venueModule as bybit } from "../../../src/venues/bybit/derivative.ts";
import { venueModule as ftx } from "../../../src/venues/ftx/derivative.ts";
import { venueModule as gateIo } from "../../../src/venues/gate-io/derivative.ts";
import { venueModule as hyperliquid } from "../../../src/venues/hyperliquid/derivative.ts";
import { venueModule as okx } from "../../../src/venues/okx/derivative.ts";
import { binanceFixtures } from "../../venues/binance/fixtures.ts";
import { bybitFixtures } from "../../venues/bybit/fixtures.ts";
import { ftxFixtures } from "../../venues/ftx/fixtures.ts";
import { gateIoFixtures } from "../../venues/gate-io/fixtures.ts";
import { hyperliquidFixtures } from "../../venues/hyperliquid/fixtures.ts";
import { okxFixtures } from "../../venues/okx/fixtures.ts";
import type { FuzzVenue } from "./parser-fuzz.ts";

const URLS = { restUrl: "http://127.0.0.1:1", webSocketUrl: "ws://127.0.0.1:1" };

const venueOf = (folder: string, { manifest, createVenue }: VenueModule, fixtures: PerpetualConnectorFixtures) => ({
  ...{ folder, fixtures },
  venue: createVenue({ domain: manifest.name, ...URLS }),
});

export const FUZZ_VENUES: readonly FuzzVenue[] = [
  venueOf("ftx", ftx, ftxFixtures),
  venueOf("binance", binance, binanceFixtures),
  venueOf("bybit", bybit, bybitFixtures),
  venueOf("okx", okx, okxFixtures),
  venueOf("gate-io", gateIo, gateIoFixtures),
  venueOf("hyperliquid", hyperliquid, hyperliquidFixtures),
];
