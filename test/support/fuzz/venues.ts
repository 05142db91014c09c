import type { PerpetualConnectorFixtures } from "../../../src/testing/kit/fixtures.ts";
import { venueModule as binance } from "../../../src/venues/binance/derivative.ts";
import { venueModule as bybit } from "../../../src/venues/bybit/derivative.ts";
import { venueModule as ftx } from "../../../src/venues/ftx/derivative.ts";
import { venueModule as okx } from "../../../src/venues/okx/derivative.ts";
import { binanceFixtures } from "../../venues/binance/fixtures.ts";
import { bybitFixtures } from "../../venues/bybit/fixtures.ts";
import { ftxFixtures } from "../../venues/ftx/fixtures.ts";
import { okxFixtures } from "../../venues/okx/fixtures.ts";
import type { FuzzVenue } from "./parser-fuzz.ts";

const URLS = { restUrl: "http://127.0.0.1:1", webSocketUrl: "ws://127.0.0.1:1" };

const venueOf = ({ manifest, createVenue }: typeof ftx, fixtures: PerpetualConnectorFixtures): FuzzVenue => ({
  venue: createVenue({ domain: manifest.name, ...URLS }),
  fixtures,
});

export const FUZZ_VENUES: readonly FuzzVenue[] = [
  venueOf(ftx, ftxFixtures),
  venueOf(binance, binanceFixtures),
  venueOf(bybit, bybitFixtures),
  venueOf(okx, okxFixtures),
];
