import { describe, it } from "vitest";
import { describePerpetualConnector } from "../../../src/testing/kit/index.ts";
import { ftxFixtures } from "./fixtures.ts";

describePerpetualConnector(ftxFixtures, { describe, it });
