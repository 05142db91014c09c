import { describe, it } from "vitest";
import { connectorTests } from "../../support/connector-tests/all.ts";
import { SUITES } from "../suites.ts";

connectorTests(SUITES.binance_perpetual, { describe, it });
