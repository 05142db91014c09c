import { describe, it } from "node:test";
import { describePerpetualConnector } from "../../../../src/testing/kit/index.ts";
import { acmeFixtures } from "./fixtures.ts";

describePerpetualConnector(acmeFixtures, { describe, it });
