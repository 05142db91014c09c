import { describe, it } from "vitest";
import { describePerpetualConnector } from "../../../src/testing/kit/index.ts";
import { gateIoFixtures } from "./fixtures.ts";

describePerpetualConnector(gateIoFixtures, { describe, it });
