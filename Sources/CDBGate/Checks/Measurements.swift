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

/// The store held against the account that lives. The two are looked at one after the other, so a difference counts
/// only when it stays.
public enum StoreComparison {
  /// How long a difference must stay, seconds.
  static let settling = 2.0

  /// - Parameters:
  ///   - before, live: the account before and behind the audit.
  ///   - elapsed: since the first look, seconds.
  /// - Returns: nil where it must be looked again.
  public static func verdict(
    _ audit: StoreAudit, before: AccountStatus?, live: AccountStatus?, seconds elapsed: Double,
    at now: EventTime
  ) -> GateVerdict? {
    guard let live else {
      return GateJudgement.unavailable(.dbConsistency, "risk has not reported an account yet", at: now)
    }
    let verdict = GateJudgement.consistency(audit, live: live, at: now)
    let moved = before?.fills != live.fills || before?.openOrderIDs != live.openOrderIDs
    if verdict.outcome == .pass || (!moved && elapsed > settling) { return verdict }
    guard elapsed >= GateJudgement.patience else { return nil }
    return GateJudgement.unavailable(.dbConsistency, "the account has not stood still for a look", at: now)
  }
}
