import CDBDomain
import OpenMetrics

/// The declarations of every metric of the pipeline: what code registers, and what the catalogue shows.
public enum PipelineMetrics {
  static let owner = "CDBPipeline"

  public static let eventsReceived = MetricDescriptor(
    "cdb_stage_events_received", type: .counter,
    help: "Distinct events that a stage accepted from a stream.", labels: ["stage", "stream"], owner: owner)
  public static let eventsEmitted = MetricDescriptor(
    "cdb_stage_events_emitted", type: .counter, help: "Events that a stage emitted into a stream.",
    labels: ["stage", "stream"], owner: owner)
  public static let eventsAbsorbed = MetricDescriptor(
    "cdb_stage_events_absorbed", type: .counter,
    help: "Events that did their work in a stage and went no further.", labels: ["stage", "reason"],
    owner: owner)
  public static let eventsDropped = MetricDescriptor(
    "cdb_stage_events_dropped", type: .counter, help: "Events that a stage could not use.",
    labels: ["stage", "reason"], owner: owner)
  public static let eventsActed = MetricDescriptor(
    "cdb_stage_events_acted", type: .counter, help: "Events that went on, or that something followed from.",
    labels: ["stage"], owner: owner)
  public static let redeliveries = MetricDescriptor(
    "cdb_stage_redeliveries", type: .counter,
    help: "Events that were delivered again and recognised by their number.", labels: ["stage"], owner: owner)
  public static let inFlight = MetricDescriptor(
    "cdb_stage_events_in_flight", type: .gauge, help: "Events received whose fate is not decided.",
    labels: ["stage"], owner: owner)
  public static let backlog = MetricDescriptor(
    "cdb_bus_lag_events", type: .gauge, help: "Events that wait to be received.",
    labels: ["stream", "group"], owner: owner)
  public static let cpu = MetricDescriptor(
    "cdb_stage_cpu_seconds", type: .counter, help: "CPU time that a stage's work took.", unit: "seconds",
    labels: ["stage"], owner: owner)
  public static let lastEvent = MetricDescriptor(
    "cdb_stage_last_event_timestamp_seconds", type: .gauge,
    help: "When a stage last worked on an event.", unit: "seconds", labels: ["stage"], owner: owner)
  public static let lastCanary = MetricDescriptor(
    "cdb_stage_last_canary_timestamp_seconds", type: .gauge,
    help: "When the flow's canary, a barrier, last passed a stage.", unit: "seconds", labels: ["stage"],
    owner: owner)
  public static let health = MetricDescriptor(
    "cdb_stage_health", type: .stateset, help: "How a stage is, by what it did last.", labels: ["stage"],
    states: StageHealth.allCases.map(\.rawValue), owner: owner)
  public static let imbalance = MetricDescriptor(
    "cdb_flow_imbalance_events", type: .gauge,
    help: "Events emitted and not accepted at the last barrier: 0, or something was lost or doubled.",
    labels: ["from", "to"], owner: owner)
  public static let processing = MetricDescriptor(
    "cdb_stage_processing_seconds", type: .histogram,
    help: "Time that a stage takes for an event: the mean over each batch, counted once an event.",
    unit: "seconds", labels: ["stage"],
    buckets: [2.5e-7, 5e-7, 1e-6, 2.5e-6, 5e-6, 1e-5, 2.5e-5, 1e-4, 1e-3, 1e-2, 0.1, 1], owner: owner)
  public static let age = MetricDescriptor(
    "cdb_stage_event_age_seconds", type: .histogram,
    help:
      "Age of an event when a stage is done with it: feed delay, skew corrected, and time in the pipeline.",
    unit: "seconds", labels: ["stage"],
    buckets: [1e-4, 5e-4, 1e-3, 2.5e-3, 5e-3, 1e-2, 2.5e-2, 5e-2, 0.1, 0.25, 0.5, 1, 2.5, 5, 10], owner: owner
  )

  public static let rowAge = MetricDescriptor(
    "cdb_store_row_age_seconds", type: .histogram,
    help: "Time from taking in what a row follows from until the row is committed.",
    unit: "seconds",
    buckets: [
      1e-3, 2.5e-3, 5e-3, 1e-2, 1.5e-2, 2e-2, 2.5e-2, 3e-2, 4e-2, 5e-2, 7.5e-2, 0.1, 0.25, 0.5, 1, 2.5, 5, 10,
    ],
    owner: owner)

  public static let feedConnected = MetricDescriptor(
    "cdb_feed_connected", type: .gauge, help: "1 while the feed is connected. Connected is not alive.",
    labels: ["feed"], owner: owner)
  public static let feedFrames = MetricDescriptor(
    "cdb_feed_frames", type: .counter, help: "Frames accepted into the journal.", labels: ["feed"],
    owner: owner)
  public static let feedSkew = MetricDescriptor(
    "cdb_feed_clock_skew_seconds", type: .gauge,
    help: "Local clock minus the exchange's, where it can be seen: 0 or negative.", unit: "seconds",
    labels: ["feed"], owner: owner)
  public static let feedGaps = MetricDescriptor(
    "cdb_feed_gaps", type: .counter, help: "Numbers that a feed skipped.",
    labels: ["feed", "symbol", "reason"], owner: owner)
  public static let feedUndecodable = MetricDescriptor(
    "cdb_feed_undecodable", type: .counter, help: "Frames that did not become market data.",
    labels: ["feed", "reason"], owner: owner)

  public static let feedAttempts = MetricDescriptor(
    "cdb_feed_connection_attempts", type: .counter, help: "Attempts to connect to the exchange.",
    labels: ["feed"], owner: owner)
  public static let feedReconnects = MetricDescriptor(
    "cdb_feed_reconnects", type: .counter, help: "Connections that ended or were replaced, by the reason.",
    labels: ["feed", "reason"], owner: owner)
  public static let feedSnapshots = MetricDescriptor(
    "cdb_feed_snapshots", type: .counter, help: "Book snapshots that were asked for: ok or failed.",
    labels: ["feed", "outcome"], owner: owner)
  public static let feedDiscarded = MetricDescriptor(
    "cdb_feed_messages_discarded", type: .counter,
    help: "Messages that a connection ended over and that could not be journaled.",
    labels: ["feed", "reason"], owner: owner)
  public static let feedLastMessage = MetricDescriptor(
    "cdb_feed_last_message_timestamp_seconds", type: .gauge,
    help: "When anything last came from the exchange, a ping included.", unit: "seconds", labels: ["feed"],
    owner: owner)

  public static let signals = MetricDescriptor(
    "cdb_signals", type: .counter, help: "Signals committed.", labels: ["symbol", "side", "strategy"],
    owner: owner)
  public static let decisions = MetricDescriptor(
    "cdb_risk_decisions", type: .counter, help: "Decisions over signals committed.",
    labels: ["decision", "reason"], owner: owner)
  public static let orders = MetricDescriptor(
    "cdb_orders", type: .counter, help: "Orders committed.", labels: ["symbol", "side"], owner: owner)
  public static let fills = MetricDescriptor(
    "cdb_fills", type: .counter, help: "Fills committed.", labels: ["symbol", "side"], owner: owner)
  public static let fees = MetricDescriptor(
    "cdb_fees_quote", type: .counter, help: "Fees paid, in the quote asset.", owner: owner)
  public static let alerts = MetricDescriptor(
    "cdb_alerts", type: .counter, help: "Alerts of the stages committed, by where and why.",
    labels: ["layer", "reason"],
    owner: owner)
  public static let equity = MetricDescriptor(
    "cdb_equity_quote", type: .gauge, help: "Cash and positions at market, in the quote asset.",
    labels: ["account"], owner: owner)
  public static let drawdown = MetricDescriptor(
    "cdb_drawdown_ratio", type: .gauge, help: "Equity below its highest since the account began.",
    unit: "ratio", labels: ["account"], owner: owner)
  public static let exposure = MetricDescriptor(
    "cdb_exposure_ratio", type: .gauge, help: "Positions and open buys as a share of equity.", unit: "ratio",
    labels: ["account"], owner: owner)
  public static let position = MetricDescriptor(
    "cdb_position_base", type: .gauge, help: "Position, in the base asset.", labels: ["account", "symbol"],
    owner: owner)
  public static let tradingState = MetricDescriptor(
    "cdb_trading_state", type: .stateset, help: "What an account may do, as its risk layers stand.",
    labels: ["account"], states: TradingState.allCases.map(\.rawValue), owner: owner)
  public static let layerFigure = MetricDescriptor(
    "cdb_risk_layer_figure_ratio", type: .gauge,
    help: "The figure that a risk layer last looked at, of the instrument where it is highest.",
    unit: "ratio", labels: ["layer"], owner: owner)
  public static let layerLimit = MetricDescriptor(
    "cdb_risk_layer_limit_ratio", type: .gauge, help: "The limit of a risk layer, of its figure's kind.",
    unit: "ratio", labels: ["layer"], owner: owner)
  public static let layerTripped = MetricDescriptor(
    "cdb_risk_layer_tripped", type: .gauge,
    help: "For how many instruments a risk layer refuses orders; 1 where it refuses the whole account.",
    labels: ["layer"], owner: owner)
  public static let selfTest = MetricDescriptor(
    "cdb_risk_self_test", type: .stateset,
    help: "Whether a risk layer refused its synthetic violation, and the sane order passed.",
    labels: ["layer"], states: ["pass", "fail", "unknown"], owner: owner)
  public static let selfTestTime = MetricDescriptor(
    "cdb_risk_self_test_timestamp_seconds", type: .gauge, help: "Event time of the newest self-test.",
    unit: "seconds", owner: owner)
  public static let journalBytes = MetricDescriptor(
    "cdb_journal_size_bytes", type: .gauge, help: "Bytes that the journal holds.", unit: "bytes",
    owner: owner)
  public static let journalRecords = MetricDescriptor(
    "cdb_journal_records", type: .counter, help: "Records appended to the journal.", owner: owner)
  public static let checkpoint = MetricDescriptor(
    "cdb_checkpoint_barrier", type: .gauge, help: "The number of the last durable barrier.", owner: owner)

  /// Those that a collector produces from the board at each scrape.
  public static let collected = [
    eventsReceived, eventsEmitted, eventsAbsorbed, eventsDropped, eventsActed, redeliveries, inFlight,
    backlog, cpu, lastEvent, lastCanary, health, imbalance, feedConnected, feedFrames, feedSkew, feedGaps,
    feedUndecodable, feedAttempts, feedReconnects, feedSnapshots, feedDiscarded, feedLastMessage, signals,
    decisions, orders, fills, fees, alerts, equity, drawdown, exposure,
    position, tradingState, layerFigure, layerLimit, layerTripped, selfTest, selfTestTime, journalBytes,
    journalRecords, checkpoint,
  ]

  /// All of them.
  public static let all = collected + [processing, age, rowAge]
}
