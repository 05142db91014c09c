import { method, section, step, test } from "./seed-section.ts";
import type { SeedItem } from "./seed-symbols.ts";

const IDENTITY = ["what the connector is"];
const FACTORIES = ["both factories of assistants send requests"];
const RULES = ["the trading rule of a market"];
const NEW_BOOK = ["get new order book successful"];
const SUBSCRIPTIONS = ["listen for subscriptions subscribes to trades and order diffs and funding info"];
const BROKEN_STREAM = ["listen for user stream opens a broken connection again and reports the gap"];
const PRIVATE_CHANNELS = ["listen for user stream subscribes the private channels and delivers an update"];
const SIGNED = ["rest authenticate"];
const SIGNATURES = ["rest authenticate makes the known signatures"];
const SERVER_TIME = ["update time synchronizer successfully"];
const DIFFS = ["listen for order book diffs successful"];
const LEASE_TESTS = ["manage listen key task loop keep alive successful"];

const CONFORMANCE = "test/venues/{venue}/conformance.test.ts";
const FIXTURES = "test/venues/{venue}/fixtures.ts";
const ORDER_BOOK_FILE = "src/venues/{venue}/order-book-data-source.ts";
const USER_STREAM_FILE = "src/venues/{venue}/user-stream-data-source.ts";

const BASICS: readonly SeedItem[] = [
  ...section("Constants", [
    step(
      "DEFAULT DOMAIN: check if is you have to add more than 1 domain, this constant will be used for generating the path url in web_utils.",
      "{venue}/constants.DEFAULT_DOMAIN",
      IDENTITY,
    ),
    step(
      "REST_URLS: could be a dictionary like ByBit connector or a f-string like Binance connector, the DEFAULT DOMAIN variable will be used to select the correct URL.",
      "{venue}/constants.URLS",
      FACTORIES,
      "restUrls",
    ),
    step(
      "SERVER_TIME_PATH_URL: check if the exchange needs that your timestamp is in sync with the server time.",
      "{venue}/constants.SERVER_TIME_PATH_URL",
      SERVER_TIME,
      "serverTime",
    ),
  ]),
  ...section("Web Utils", [
    step("connector_name_web_utils.py file", "src/venues/{venue}/web-utils.ts", FACTORIES),
    step("Copy the Bybit Perpetual connector web_utils file.", "src/venues/{venue}/web-utils.ts", FACTORIES),
    step(
      "Replace Bybit Perpetual for connector_name with the first letter in uppercase.",
      "VenueManifest.displayName",
      IDENTITY,
    ),
    step("Replace Bybit Perpetual for connector_name.", "VenueManifest.name", IDENTITY),
    step("Check if you need to have linear perpetual or remove that logic", "TradingRule.contractKind", RULES),
    step(
      "If you find a pattern, you can code the functions to get the results or success from the rest response",
      "VenueWebUtils.unwrapResponse",
      [...RULES, "create order fails and raises failure event"],
    ),
    step(
      "Also you can do it to extract the topics and payload form the websocket channels",
      "VenueOrderBookDataSource.channelOriginatingMessage",
      ["listen for trades successful", "listen for order book diffs successful"],
    ),
    step(
      "Code the function to create the rest url, check if you need public and private url or just one of them.",
      "VenueWebUtils.restUrl",
      FACTORIES,
    ),
    step(
      "Check that you have the function build_api_factory_without_time_synchronizer_pre_processor.",
      "VenueWebUtils.buildApiFactoryWithoutTimeSynchronizerPreProcessor",
      FACTORIES,
    ),
    step(
      "Check if you need changes in the function get_current_server_time (maybe you need to find the server time in the response).",
      "VenueWebUtils.getCurrentServerTime",
      SERVER_TIME,
      "serverTime",
    ),
    step(
      "Code the build_api_factory with the time synchronizer as a rest_pre_processor",
      "VenueWebUtils.buildApiFactory",
      [...FACTORIES, "time synchronizer related request error detection"],
      "serverTime",
    ),
    step(
      "Delete the files related with the Time Sync and code the build_api_factory function without that.",
      "VenueWebUtils.buildApiFactoryWithoutTimeSynchronizerPreProcessor",
      FACTORIES,
    ),
  ]),
  ...section("Utils", [
    step("Code in connector_name_utils.py file", "src/venues/{venue}/manifest.ts", IDENTITY),
    step("Copy the Bybit Perpetual connector utils file.", "src/venues/{venue}/manifest.ts", IDENTITY),
    step("Replace Bybit for connector_name with the first letter in uppercase.", "VenueManifest.displayName", IDENTITY),
    step("Replace bybit_perpetual for connector_name.", "VenueManifest.name", IDENTITY),
    step("Replace DEFAULT_FEES with the appropriate values .", "{venue}/manifest.DEFAULT_FEES", [
      "the collateral tokens drive budget and fee",
    ]),
    step("Check if you need connection to other domains or delete it.", "VenueManifest.domains", IDENTITY),
    step("Check if you need linear trading or deleted", "TradingRule.contractKind", RULES),
  ]),
];

const ORDER_BOOK: readonly SeedItem[] = section("Order Book Data Source", [
  step("connector_name_api_order_book_data_source.py", ORDER_BOOK_FILE, [...NEW_BOOK, ...SUBSCRIPTIONS]),
  step("Copy the Bybit Perpetual connector order book data source file.", ORDER_BOOK_FILE, [
    ...NEW_BOOK,
    ...SUBSCRIPTIONS,
  ]),
  step("Replace Bybit for connector_name with the first letter in uppercase.", "VenueManifest.displayName", IDENTITY),
  step("Replace bybitl for connector_name.", "VenueManifest.name", IDENTITY),
  step("Replace the HEARTBEAT_TIME_INTERVAL with the appropriate value.", "VenueHeartbeat.intervalMs", BROKEN_STREAM),
  step("test_connector_name_api_order_book_data_source.py", CONFORMANCE, SUBSCRIPTIONS),
  step("Copy the Bybit Perpetual the test of the order book data source file.", FIXTURES, SUBSCRIPTIONS),
  step("Replace Bybit for connector_name with the first letter in uppercase.", "VenueManifest.displayName", IDENTITY),
  step("Replace bybit for connector_name.", "VenueManifest.name", IDENTITY),
  method("orderbook", "OrderBookDataSource.fetchOrderBook", NEW_BOOK),
  test("test_get_new_order_book_successful"),
  method("_order_book_snapshot", "OrderBookDataSource.orderBookSnapshot", NEW_BOOK),
  method("_request_order_book_snapshot", "OrderBookDataSource.requestOrderBookSnapshot", NEW_BOOK),
  test("test_get_new_order_book_raises_exception"),
  method("funding_info", "PerpetualConnector.fundingInfo", ["init funding info"]),
  test("test_get_funding_info"),
  method("get_funding_info", "OrderBookDataSource.fetchFundingInfo", ["get funding info"]),
  method("listen_for_subscriptions", "OrderBookDataSource.listenForSubscriptions", SUBSCRIPTIONS),
  test("test_listen_for_subscriptions_subscribes_to_trades_and_order_diffs_and_funding_info"),
  method(
    "listen_for_subscriptions (is in the superclass)",
    "OrderBookDataSource.listenForSubscriptions",
    SUBSCRIPTIONS,
  ),
  method("_connected_websocket_assistant", "OrderBookDataSource.connectedWebsocketAssistant", SUBSCRIPTIONS),
  method("_subscribe_channels", "OrderBookDataSource.subscribeChannels", SUBSCRIPTIONS),
  method("_process_websocket_messages", "OrderBookDataSource.processWebsocketMessages", SUBSCRIPTIONS),
  method("_channel_originating_message", "VenueOrderBookDataSource.channelOriginatingMessage", [
    "listen for trades successful",
    "listen for order book diffs successful",
  ]),
  test("test_listen_for_subscriptions_raises_cancel_exception"),
  test("test_listen_for_subscriptions_logs_exception_details"),
  test("test_subscribe_channels_raises_cancel_exception"),
  test("test_subscribe_channels_raises_exception_and_logs_error"),
  method("listen_for_trades", "OrderBookDataSource.listenForTrades", ["listen for trades successful"]),
  test("test_listen_for_trades_successful"),
  method("_parse_trade_message", "VenueOrderBookDataSource.parseTradeMessage", ["listen for trades successful"]),
  test("test_listen_for_trades_cancelled_when_listening"),
  test("test_listen_for_trades_logs_exception"),
  method("listen_for_order_book_diffs", "OrderBookDataSource.listenForOrderBookDiffs", DIFFS, "bookDiffChannel"),
  test("test_listen_for_order_book_diffs_successful", "bookDiffChannel"),
  method("listen_for_order_book_diffs", "OrderBookDataSource.listenForOrderBookDiffs", DIFFS, "bookDiffChannel"),
  method(
    "_parse_order_book_diff_message",
    "VenueOrderBookDataSource.parseOrderBookDiffMessage",
    DIFFS,
    "bookDiffChannel",
  ),
  test("test_listen_for_order_book_diffs_cancelled", "bookDiffChannel"),
  test("test_listen_for_order_book_diffs_logs_exception", "bookDiffChannel"),
  method("listen_for_order_book_snapshots", "OrderBookDataSource.listenForOrderBookSnapshots", [
    "listen for order book snapshots successful",
  ]),
  test("test_listen_for_order_book_snapshots_cancelled_when_fetching_snapshot"),
  method("listen_for_order_book_snapshots", "OrderBookDataSource.listenForOrderBookSnapshots", [
    "listen for order book snapshots successful",
  ]),
  method("_parse_order_book_snapshot_message", "VenueOrderBookDataSource.parseOrderBookSnapshotMessage", [
    "listen for order book snapshots successful",
  ]),
  test("test_listen_for_order_book_snapshots_log_exception"),
  test("test_listen_for_order_book_snapshots_successful"),
  method("listen_for_funding_info", "OrderBookDataSource.listenForFundingInfo", ["listen for funding info successful"]),
  test("test_listen_for_funding_info_cancelled_when_listening"),
  method(
    "_parse_funding_info_message",
    "VenueOrderBookDataSource.parseFundingInfoMessage",
    ["listen for funding info successful"],
    "fundingInfoChannel",
  ),
  test("test_listen_for_funding_info_logs_exception"),
  test("test_listen_for_funding_info_successful"),
]);

const AUTH: readonly SeedItem[] = section("Auth", [
  step("connector_name_auth.py", "src/venues/{venue}/auth.ts", SIGNED),
  step("Copy the Bybit Perpetual connector auth file.", "src/venues/{venue}/auth.ts", SIGNED),
  step("Replace Bybit for connector_name with the first letter in uppercase.", "VenueManifest.displayName", IDENTITY),
  step("test_connector_name_auth.py", CONFORMANCE, SIGNED),
  step("Copy the Bybit Perpetual the test of the auth file.", FIXTURES, SIGNED),
  step(
    "Replace Bybit Perpetual for connector_name with the first letter in uppercase.",
    "VenueManifest.displayName",
    IDENTITY,
  ),
  step("Replace Bybit Perpetual for connector_name.", "VenueManifest.name", IDENTITY),
  method("rest_authenticate", "Authenticator.restAuthenticate", SIGNED),
  test("test_rest_authenticate"),
  method("rest_authenticate", "Authenticator.restAuthenticate", SIGNED),
  method("add_auth_to_params", "{venue}/auth.addAuthToParams", SIGNATURES, "authenticationInParams"),
  method("header_for_authentication", "{venue}/auth.headerForAuthentication", SIGNATURES, "authenticationInHeaders"),
  method("_generate_signature", "{venue}/auth.generateSignature", SIGNATURES),
  method("ws_authenticate", "Authenticator.wsAuthenticate", PRIVATE_CHANNELS),
]);

const USER_STREAM: readonly SeedItem[] = section("User Stream Data Source", [
  step("connector_name_api_user_stream_data_source.py", USER_STREAM_FILE, PRIVATE_CHANNELS),
  step("Copy the Bybit perpetual connector user stream data source file.", USER_STREAM_FILE, PRIVATE_CHANNELS),
  step("Replace Bybit for connector_name with the first letter in uppercase.", "VenueManifest.displayName", IDENTITY),
  step("Replace bybit for connector_name.", "VenueManifest.name", IDENTITY),
  step("Replace the HEARTBEAT_TIME_INTERVAL with the appropriate value.", "VenueHeartbeat.intervalMs", BROKEN_STREAM),
  step(
    "Check if you need LISTEN_KEY_KEEP_ALIVE_INTERVAL.",
    "ListenKeyRequests.keepAliveIntervalMs",
    LEASE_TESTS,
    "listenKey",
  ),
  step("test_connector_name_api_user_stream_data_source.py", CONFORMANCE, PRIVATE_CHANNELS),
  step("Copy the Binance the test of the user stream data source file.", FIXTURES, PRIVATE_CHANNELS),
  step("Replace Binance for connector_name with the first letter in uppercase.", "VenueManifest.displayName", IDENTITY),
  step("Replace binance for connector_name.", "VenueManifest.name", IDENTITY),
  method("get_listen_key", "ListenKeyRequests.fetchListenKey", ["get listen key successful"], "listenKey"),
  test("test_get_listen_key_log_exception", "listenKey"),
  method("_get_listen_key", "ListenKeyLease.fetchListenKey", ["get listen key successful"], "listenKey"),
  test("test_get_listen_key_successful", "listenKey"),
  test("test_ping_listen_key_log_exception", "listenKey"),
  method("_ping_listen_key", "ListenKeyLease.pingListenKey", ["ping listen key successful"], "listenKey"),
  test("test_ping_listen_key_successful", "listenKey"),
  test("test_manage_listen_key_task_loop_keep_alive_failed", "listenKey"),
  method("_manage_listen_key_task_loop", "ListenKeyLease.manageListenKeyTaskLoop", LEASE_TESTS, "listenKey"),
  test("test_manage_listen_key_task_loop_keep_alive_successful", "listenKey"),
  method("listen_for_user_stream", "UserStreamDataSource.listenForUserStream", PRIVATE_CHANNELS),
  test("test_listen_for_user_stream_get_listen_key_successful_with_user_update_event", "listenKey"),
  method("listen_for_user_stream (is in the superclass)", "UserStreamDataSource.listenForUserStream", PRIVATE_CHANNELS),
  method("_connected_websocket_assistant", "UserStreamDataSource.connectedWebsocketAssistant", PRIVATE_CHANNELS),
  method("_subscribe_channels", "UserStreamDataSource.subscribeChannels", PRIVATE_CHANNELS),
  method("_get_ws_assistant", "UserStreamDataSource.getWsAssistant", PRIVATE_CHANNELS),
  method("_on_user_stream_interruption", "UserStreamDataSource.onUserStreamInterruption", BROKEN_STREAM),
  test("test_listen_for_user_stream_does_not_queue_empty_payload"),
  test("test_listen_for_user_stream_connection_failed"),
  test("test_listen_for_user_stream_iter_message_throws_exception"),
]);

/** The build process of the checklist up to the user stream, line by line. */
export const BUILD_STEPS: readonly SeedItem[] = [...BASICS, ...ORDER_BOOK, ...AUTH, ...USER_STREAM];
