import { describe, it } from "vitest";
import { describePerpetualConnector } from "../../../src/testing/kit/index.ts";
import { hyperliquidFixtures } from "./fixtures.ts";

describePerpetualConnector(hyperliquidFixtures, { describe, it });
