import CDBDomain
import Logging
import OpenMetrics

/// Says what a stage did: latencies as histograms, the order path as log lines with their traces.
struct StageObserver: Sendable {
  private let processing: Histogram?
  private let age: Histogram?
  private let logger: Logger?
  private let journal: any JournalIdentity
  private let stage: StageName
  private let symbols: [String]
  private let board: PipelineBoard

  /// Names in an alert's context that are fields of the log contract; others become labels.
  private static let contractFields: Set<String> = ["order_id", "signal_id", "symbol", "strategy"]

  init(
    stage: StageName, registry: MetricRegistry?, logger: Logger?, journal: any JournalIdentity,
    board: PipelineBoard,
    instruments: InstrumentCatalogue
  ) throws(MetricError) {
    self.board = board
    processing = try registry?.histogram(PipelineMetrics.processing).labels(stage.rawValue)
    age = try registry?.histogram(PipelineMetrics.age).labels(stage.rawValue)
    if var logger {
      logger[metadataKey: "cdb.stage"] = .string(stage.rawValue)
      self.logger = logger
    } else {
      self.logger = nil
    }
    self.journal = journal
    self.stage = stage
    symbols = instruments.instruments.map(\.symbol)
  }

  /// A run over a batch ended.
  func worked(events: Int, nanoseconds: UInt64, age eventAge: Int64, origin: UInt64) {
    guard let processing, let age else { return }
    let seconds = Double(nanoseconds) / 1e9 / Double(events)
    let trace = TraceContext(
      journal: journal.identity, origin: origin,
      event: EventID(producer: stage, partition: 0, sequence: origin))
    processing.observe(
      seconds, count: UInt64(events),
      exemplar: try? Exemplar(labels: [("trace_id", trace.traceID)], value: seconds, timestamp: .now()))
    age.observe(Double(eventAge) / 1e9, count: UInt64(events))
  }

  /// An event of the order path was emitted.
  func emitted(_ envelope: Envelope) {
    switch envelope.event {
    case .signal(let signal):
      log(.info, "signal", envelope, signal.id, signal.instrument) {
        $0["event.action"] = "signal"
        $0["cdb.signal_id"] = "\(signal.id)"
        $0["cdb.side"] = "\(signal.side.code)"
        $0["cdb.strategy"] = "\(signal.strategy)"
      }
    case .decision(let decision) where !decision.approved:
      log(.info, "signal refused", envelope, decision.id, decision.instrument) {
        $0["event.action"] = "refuse"
        $0["event.outcome"] = "failure"
        $0["event.reason"] = "\(decision.reason.code)"
        $0["cdb.signal_id"] = "\(decision.signalID)"
      }
    case .order(let order):
      log(.info, "order", envelope, order.id, order.instrument) {
        $0["event.action"] = "order"
        $0["cdb.order_id"] = "\(order.id)"
        $0["cdb.signal_id"] = "\(order.signalID)"
        $0["cdb.side"] = "\(order.side.code)"
      }
    case .cancel(let request):
      log(.info, "order cancel", envelope, request.id, request.instrument) {
        $0["event.action"] = "cancel"
        $0["event.reason"] = "\(request.reason.code)"
        $0["cdb.order_id"] = "\(request.orderID)"
      }
    case .result(let result):
      log(.info, "order \(result.status.code)", envelope, result.id, result.instrument) {
        $0["event.action"] = "order_result"
        $0["event.outcome"] = result.status == .rejected ? "failure" : "success"
        if result.reason != .none { $0["event.reason"] = "\(result.reason.code)" }
        $0["cdb.order_id"] = "\(result.orderID)"
        $0["cdb.side"] = "\(result.side.code)"
      }
    case .alert(let alert):
      log(alert.level == .critical ? .error : .warning, alert.message, envelope, alert.id, nil) {
        $0["event.reason"] = "\(alert.reason.code)"
        for (key, value) in alert.context {
          $0[Self.contractFields.contains(key) ? "cdb.\(key)" : key] = "\(value)"
        }
      }
    case .control(let control):
      logger?.info("control", metadata: ["event.action": "\(control.name)"])
    case .trade, .quote, .book, .kline, .tick, .summary, .decision: return
    }
  }

  private func log(
    _ level: Logger.Level, _ message: String, _ envelope: Envelope, _ id: EventID,
    _ instrument: InstrumentID?, _ fill: (inout Logger.Metadata) -> Void
  ) {
    guard let logger, logger.logLevel <= level else { return }
    let trace = TraceContext(journal: journal.identity, origin: envelope.origin, event: id)
    var metadata: Logger.Metadata = [
      "trace.id": "\(trace.traceID)", "span.id": "\(trace.spanID)", "cdb.event_id": "\(id)",
    ]
    if let instrument, Int(instrument.index) < symbols.count {
      metadata["cdb.symbol"] = "\(symbols[Int(instrument.index)])"
    }
    if let block = board.block { metadata["cdb.block"] = "\(block)" }
    if envelope.event.isProbe { metadata["cdb.canary"] = .stringConvertible(true) }
    fill(&metadata)
    logger.log(level: level, "\(message)", metadata: metadata)
  }
}

extension Control {
  /// The control as logs name it.
  public var name: String {
    switch self {
    case .configure: "configure"
    case .stop: "stop"
    case .resume: "resume"
    case .gate: "gate"
    case .verdict: "verdict"
    case .answer: "answer"
    case .incident: "incident"
    case .block: "block"
    case .probe: "probe"
    }
  }
}
