import { describe, it } from "vitest";
import { describePerpetualConnector } from "../../../src/testing/kit/index.ts";
import { binanceFixtures } from "./fixtures.ts";

describePerpetualConnector(binanceFixtures, { describe, it });
