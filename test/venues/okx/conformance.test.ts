import { describe, it } from "vitest";
import { describePerpetualConnector } from "../../../src/testing/kit/index.ts";
import { okxFixtures } from "./fixtures.ts";

describePerpetualConnector(okxFixtures, { describe, it });
