import { describe, it } from "vitest";
import { describePerpetualConnector } from "../../../src/testing/kit/index.ts";
import { bybitFixtures } from "./fixtures.ts";

describePerpetualConnector(bybitFixtures, { describe, it });
