import CDBDomain
import CDBPipeline

// What each check waits for, as values: whoever measures looks again and again, and asks whether that is a verdict.

extension GateJudgement {
  /// The longest that a barrier or a probe may take, seconds.
  public static let patience = 5.0

  /// The instrument that a probe of that number goes to: those that have a price take turns. Nil while none has one.
  public static func probed(_ number: UInt64, in account: AccountStatus?) -> InstrumentID? {
    let priced = account?.positions.enumerated().filter { $0.element.mark != nil }.map(\.offset) ?? []
    guard !priced.isEmpty else { return nil }
    return InstrumentID(UInt16(clamping: priced[Int(number % UInt64(priced.count))]))
  }

  /// A probe that could not be sent.
  public static func unprobed(_ check: GateCheck, at now: EventTime) -> GateVerdict {
    unavailable(check, "the input takes no commands, or no instrument has a price yet", at: now)
  }
}

/// A barrier that was asked for, on its way through the stages.
public struct BarrierCrossing: Sendable {
  private let asked: EventTime
  private let before: UInt64

  /// - Parameter wall: when it is asked for.
  public init(_ status: PipelineStatus, at wall: EventTime) {
    asked = wall
    before = status.flow?.barrier ?? 0
  }

  /// Nil while it is on its way and there is patience left.
  public func verdict(_ status: PipelineStatus, seconds elapsed: Double, at now: EventTime) -> GateVerdict? {
    let missing = status.stages.filter { ($0.lastBarrierWall ?? .distantPast) < asked }.map(\.stage)
    let hasCrossed = missing.isEmpty && (status.flow?.barrier ?? 0) > before
    guard hasCrossed || elapsed >= GateJudgement.patience else { return nil }
    return GateJudgement.eventFlow(
      .init(seconds: hasCrossed ? elapsed : nil, missing: missing, report: status.flow), at: now)
  }
}

/// The proof that a probe makes the layers of risk give.
public struct LayerProof: Sendable {
  private let before: EventTime

  public init(_ status: PipelineStatus) { before = status.account?.selfTest?.time ?? .distantPast }

  /// Nil while there is none since then and there is patience left.
  public func verdict(_ status: PipelineStatus, seconds elapsed: Double, at now: EventTime) -> GateVerdict? {
    let report = status.account?.selfTest
    guard (report?.time ?? .distantPast) > before || elapsed >= GateJudgement.patience else { return nil }
    return GateJudgement.riskLayer(report, since: before.advanced(by: 1), at: now)
  }
}

/// The store held against the account that lives. The two are looked at one after the other, and the store comes to know of
/// everything later: a difference counts only when it has stayed, with the account standing still and db_writer having all
/// that execution has told.
public struct ConsistencyComparison: Sendable {
  /// How long a difference must stay, seconds.
  static let settling = 2.0

  private struct Difference: Equatable {
    var fills: Int
    var openOrders: [EventID]
    var findings: [GateVerdict.Evidence]

    init(_ account: AccountStatus, _ verdict: GateVerdict) {
      fills = account.fills
      openOrders = account.openOrderIDs
      findings = verdict.evidence.filter { $0.name == GateJudgement.finding }
    }
  }
  private var last: Difference?
  /// When the last difference was seen first, seconds from the first look on.
  private var since = 0.0

  public init() {}

  /// Takes a look.
  ///
  /// - Parameters:
  ///   - before: the account before the audit.
  ///   - status: the pipeline behind it.
  ///   - elapsed: since the first look, seconds.
  /// - Returns: nil where it must be looked again.
  public mutating func verdict(
    _ audit: StoreAudit, before: AccountStatus?, status: PipelineStatus, seconds elapsed: Double,
    at now: EventTime
  ) -> GateVerdict? {
    guard let live = status.account else {
      return GateJudgement.unavailable(.dbConsistency, "risk has not reported an account yet", at: now)
    }
    let verdict = GateJudgement.consistency(audit, live: live, at: now)
    if verdict.outcome == .pass { return verdict }
    let difference = Difference(live, verdict)
    let moved = before?.fills != live.fills || before?.openOrderIDs != live.openOrderIDs
    let isBehind = Self.isBehind(status)
    if moved || isBehind || difference != last {
      last = difference
      since = elapsed
    } else if elapsed - since >= Self.settling {
      return verdict
    }
    guard elapsed >= GateJudgement.patience else { return nil }
    return GateJudgement.unavailable(
      .dbConsistency,
      isBehind
        ? "db_writer has not taken in all that execution has told"
        : "the account has not stood still for a look",
      at: now)
  }

  /// Whether execution has told more than db_writer has taken in.
  private static func isBehind(_ status: PipelineStatus) -> Bool {
    guard let told = status.stage(.execution)?.total, let taken = status.stage(.dbWriter)?.total else {
      return false
    }
    return told.emittedByKind.total > taken.received
  }
}
