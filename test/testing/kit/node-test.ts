import { describe, it } from "node:test";
import { describePerpetualConnector } from "../../../src/testing/kit/index.ts";
import { ftxFixtures } from "../../venues/ftx/fixtures.ts";

describePerpetualConnector(ftxFixtures, { describe, it });
