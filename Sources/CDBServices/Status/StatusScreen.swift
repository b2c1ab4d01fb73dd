import CDBDomain
import CDBGate
import CDBPipeline

/// What one looks at first, of everything: the answer in a line, the gate, the stages, the account, incidents, and the block.
///
/// It is made of what `why`, `status` and `block.status` answer; nothing in it is counted twice.
public struct StatusScreen: Codable, Sendable {
  /// A stage, and how fast events go through it.
  public struct Stage: Codable, Sendable {
    public var stage: StageName
    public var health: StageHealth
    /// Events a second between the two looks; nil where the process began anew between them.
    public var receivedPerSecond: Double?
    public var emittedPerSecond: Double?
    /// Events that wait before it.
    public var waiting: Int
    public var inFlight: UInt64
    /// Seconds since it last worked on an event; nil before the first.
    public var lastEventSeconds: Double?
    public var failure: String?
    /// Seconds since a process of it began anew; nil where that is a minute or longer ago.
    public var beganAnewSeconds: Double?

    enum CodingKeys: String, CodingKey {
      case stage, health, waiting, failure
      case beganAnewSeconds = "began_anew_seconds"
      case receivedPerSecond = "received_per_second"
      case emittedPerSecond = "emitted_per_second"
      case inFlight = "in_flight"
      case lastEventSeconds = "last_event_seconds"
    }
  }

  public struct Account: Codable, Sendable {
    /// In the quote asset.
    public var equity: Money
    /// How far equity is below its peak, 0…1.
    public var drawdown: Double
    public var exposure: Money
    public var openOrders: Int

    enum CodingKeys: String, CodingKey {
      case equity, drawdown, exposure
      case openOrders = "open_orders"
    }
  }

  public var trading: Bool
  public var verdict: Verdict
  /// The answer in a sentence, in English and in German.
  public var summary: String
  public var summaryDe: String
  public var layer: Layer?
  public var reason: String?
  /// Nil where there is no gate.
  public var gate: GateReport?
  public var stages: [Stage]
  /// Nil before risk has told of it.
  public var account: Account?
  /// Those that are not closed, the worst first.
  public var incidents: [IncidentReference]
  /// What keeps it from nothing, and somebody should know of.
  public var remarks: [Remark]
  /// Nil where there are no blocks.
  public var block: BlockStatus?
  /// The time of the answer, nanoseconds since the epoch.
  public var asOfNs: Int64

  enum CodingKeys: String, CodingKey {
    case trading, verdict, summary, layer, reason, gate, stages, account, incidents, remarks, block
    case summaryDe = "summary_de"
    case asOfNs = "as_of_ns"
  }

  /// From the second look to the answer, and from a beginning until it is heard of, seconds.
  private static let lookSlack = 2.0

  /// - Parameters:
  ///   - earlier: a look at the pipeline `elapsed` before `status`, for the rates.
  ///   - block: nil where there are none.
  public init(
    _ diagnosis: Diagnosis, earlier: PipelineStatus, _ status: PipelineStatus, elapsed: Duration,
    block: BlockStatus?
  ) {
    trading = diagnosis.trading
    verdict = diagnosis.verdict
    summary = diagnosis.summary
    summaryDe = diagnosis.summaryDe
    layer = diagnosis.layer
    reason = diagnosis.reason
    gate = diagnosis.gate
    incidents = diagnosis.incidents
    remarks = diagnosis.remarks
    asOfNs = diagnosis.asOfNs
    self.block = block
    let seconds = elapsed / .seconds(1)
    func rate(_ now: UInt64, _ before: UInt64?) -> Double? {
      guard let before, now >= before, seconds > 0 else { return nil }
      return Double(now - before) / seconds
    }
    stages = status.stages.map { stage in
      let began = stage.beganAnewAt.map { max(0, Double(diagnosis.asOfNs &- $0.nanoseconds) / 1e9) }
      // What another process had counted at the first look is nothing to count from.
      let isSame = began.map { $0 > seconds + Self.lookSlack } ?? true
      let before = isSame ? earlier.stage(stage.stage)?.sinceStart : nil
      return Stage(
        stage: stage.stage, health: stage.health,
        receivedPerSecond: rate(stage.sinceStart.received, before?.received),
        emittedPerSecond: rate(stage.sinceStart.emittedByKind.total, before?.emittedByKind.total),
        waiting: stage.backlog, inFlight: stage.inFlight,
        lastEventSeconds: stage.lastEventWall.map {
          max(0, Double(diagnosis.asOfNs &- $0.nanoseconds) / 1e9)
        }, failure: stage.outage?.kind == .restarted ? nil : stage.failure, beganAnewSeconds: began)
    }
    account = status.account.map { account in
      let peak = account.peakEquity.approximate
      return Account(
        equity: account.equity, drawdown: peak > 0 ? max(0, 1 - account.equity.approximate / peak) : 0,
        exposure: account.exposure, openOrders: account.openOrders)
    }
  }
}

extension ServiceClient {
  /// The screen of a running service, from its operations; takes a second, for the rates.
  ///
  /// - Throws: ``ServiceOutOfReach``, ``OtherService``, or ``ServiceRefused``.
  public func statusScreen() async throws -> StatusScreen {
    let clock = ContinuousClock()
    let start = clock.now
    let earlier = try await decoded(PipelineStatus.self, of: "status")
    try await clock.sleep(until: start + .seconds(1))
    let elapsed = clock.now - start
    let status = try await decoded(PipelineStatus.self, of: "status")
    let block: BlockStatus?
    do {
      block = try await decoded(BlockStatus.self, of: "block.status")
    } catch let refusal as ServiceRefused where refusal.status == 409 {
      block = nil
    }
    return StatusScreen(try await why(), earlier: earlier, status, elapsed: elapsed, block: block)
  }
}
