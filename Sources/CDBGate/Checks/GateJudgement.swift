import CDBDomain
import CDBPipeline

/// Judges what was measured for each check. Pure: whoever measures is elsewhere.
public enum GateJudgement {
  public typealias Evidence = GateVerdict.Evidence

  /// What was seen of the way that log lines take.
  public struct LogPath: Sendable, Hashable {
    /// From writing the canary line to reading it; nil where it did not arrive.
    public var canarySeconds: Double?
    /// Errors in the window.
    public var errors: Int
    /// The newest of them.
    public var lastError: String?
    /// How long ago that was logged, seconds; nil where it is not known.
    public var lastErrorAge: Double?
    public var windowSeconds: Double
    /// Where the lines were read.
    public var source: String

    public init(
      canarySeconds: Double?, errors: Int, lastError: String?, lastErrorAge: Double? = nil,
      windowSeconds: Double, source: String
    ) {
      self.canarySeconds = canarySeconds
      self.errors = errors
      self.lastError = lastError
      self.lastErrorAge = lastErrorAge
      self.windowSeconds = windowSeconds
      self.source = source
    }
  }

  /// The figure that says in how many seconds no error counts any more, if none is added.
  static let clearAfter = "clear_after_seconds"

  public static func logs(_ seen: LogPath, at now: EventTime) -> GateVerdict {
    var evidence = [
      Evidence("canary_seconds", seen.canarySeconds.map(seconds) ?? "not seen", source: seen.source),
      Evidence("errors", "\(seen.errors) in \(Int(seen.windowSeconds)) s", source: seen.source),
    ]
    if let last = seen.lastError { evidence.append(Evidence("last_error", last, source: seen.source)) }
    if seen.errors > 0, let age = seen.lastErrorAge {
      let left = (max(0, seen.windowSeconds - age) * 10).rounded(.up) / 10
      evidence.append(Evidence(clearAfter, "\(left)", source: seen.source))
    }
    let reason: ReasonCode =
      seen.canarySeconds == nil ? .logPathSilent : seen.errors > 0 ? .errorsLogged : .none
    return verdict(.logs, reason, now, evidence)
  }

  /// What a barrier that was asked for came back with.
  public struct Crossing: Sendable {
    /// Until the last stage had passed it; nil where one has not.
    public var seconds: Double?
    /// The stages that have not passed it, in order.
    public var missing: [StageName]
    public var report: FlowReport?

    public init(seconds: Double?, missing: [StageName], report: FlowReport?) {
      self.seconds = seconds
      self.missing = missing
      self.report = report
    }
  }

  public static func eventFlow(_ crossing: Crossing, at now: EventTime) -> GateVerdict {
    var evidence = [
      Evidence("crossing_seconds", crossing.seconds.map(seconds) ?? "not crossed", source: "barrier")
    ]
    if let report = crossing.report {
      evidence.append(Evidence("barrier", "\(report.barrier)", source: "ledger"))
      evidence += report.imbalances.prefix(3).map { Evidence("imbalance", "\($0)", source: "ledger") }
      if !report.isBalanced { return verdict(.eventFlow, .flowImbalance, now, evidence) }
    }
    if let first = crossing.missing.first {
      evidence.append(Evidence("first_stage_missing", first.rawValue, source: "barrier"))
    }
    guard crossing.seconds != nil, crossing.report != nil else {
      // Those behind the first that has not passed it could not.
      return verdict(.eventFlow, .canaryLate, now, evidence, layer: crossing.missing.first?.layer)
    }
    return verdict(.eventFlow, .none, now, evidence)
  }

  /// What a rule that is broken, or a figure that differs, is called in the evidence.
  static let finding = "finding"

  /// The store against itself, and against the account that lives.
  public static func consistency(
    _ audit: StoreAudit, live: AccountStatus, at now: EventTime
  ) -> GateVerdict {
    var evidence = [
      Evidence("orders", "\(audit.orders)", source: "store"),
      Evidence("fills", "\(audit.fills)", source: "store"),
    ]
    var differences = audit.findings.map { "\($0.rule): \($0.ids.joined(separator: ", "))" }
    differences += disagreements(audit.account(live.name) ?? AccountProjection(account: live.name), live)
    evidence += differences.prefix(5).map { Evidence(finding, $0, source: "store") }
    return verdict(.dbConsistency, differences.isEmpty ? .none : .storeInconsistent, now, evidence)
  }

  /// Where an account rebuilt from its stored fills differs from the one that lives.
  public static func disagreements(_ stored: AccountProjection, _ live: AccountStatus) -> [String] {
    var found: [String] = []
    if stored.fills != live.fills { found.append("fills: \(stored.fills) stored, \(live.fills) booked") }
    if stored.fees != live.fees {
      found.append("fees: \(stored.fees.mantissa) stored, \(live.fees.mantissa) booked")
    }
    let cash = try? live.startingCash - stored.bought + stored.sold - stored.fees
    if cash != live.cash {
      found.append(
        "cash: \(cash.map { "\($0.mantissa)" } ?? "overflow") from fills, \(live.cash.mantissa) booked")
    }
    for (index, position) in live.positions.enumerated() {
      let held = stored.positions[InstrumentID(UInt16(clamping: index))] ?? .zero
      if held != position.quantity {
        found.append("\(position.symbol): \(held.mantissa) from fills, \(position.quantity.mantissa) booked")
      }
    }
    let (stillOpen, booked) = (Set(stored.openOrders), Set(live.openOrderIDs))
    for id in stillOpen.symmetricDifference(booked).sorted(by: { $0.sequence < $1.sequence }).prefix(3) {
      found.append("order \(id) is open \(stillOpen.contains(id) ? "in the store" : "in the account") only")
    }
    return found
  }

  /// What became of a probe order, as read through the public interface; nil where it did not come back. A limit that
  /// refused it fails the check with the limit's own reason, in the layer of risk.
  public static func smoke(
    _ probe: ProbeRecord?, seconds elapsed: Double, source: String, at now: EventTime
  ) -> GateVerdict {
    guard let probe else {
      return verdict(
        .smoke, .probeLost, now, [Evidence("waited_seconds", seconds(elapsed), source: source)])
    }
    let last = probe.results.last
    let evidence = [
      Evidence("probe", "\(probe.number)", source: source),
      Evidence("decision", probe.approved ? "approved" : "refused: \(probe.reason)", source: source),
      Evidence("order", probe.order ?? "none", source: source),
      Evidence("result", last.map { "\($0.status) \($0.reason)" } ?? "none", source: source),
      Evidence("seconds", seconds(elapsed), source: source),
    ]
    if !probe.approved, let limit = ReasonCode(code: probe.reason), limit.isLimit {
      return verdict(.smoke, limit, now, evidence, layer: .risk)
    }
    guard probe.approved, probe.isFinal, last?.status == OrderStatus.filled.code, probe.fills > 0 else {
      return verdict(.smoke, probe.isFinal ? .probeRefused : .probeLost, now, evidence)
    }
    return verdict(.smoke, .none, now, evidence)
  }

  /// A check that could not be carried out.
  public static func unavailable(_ check: GateCheck, _ why: String, at now: EventTime) -> GateVerdict {
    GateVerdict(
      check: check, outcome: .unknown, reason: .checkUnavailable, at: now,
      evidence: [Evidence("cause", why, source: "gate")])
  }

  static func verdict(
    _ check: GateCheck, _ reason: ReasonCode, _ now: EventTime, _ evidence: [Evidence], layer: Layer? = nil
  ) -> GateVerdict {
    GateVerdict(
      check: check, outcome: reason == .none ? .pass : .fail, reason: reason, at: now, evidence: evidence,
      layer: layer)
  }

  static func seconds(_ value: Double) -> String { "\((value * 1_000).rounded() / 1_000)" }
}

extension GateVerdict {
  /// When what failed it is over by itself, if nothing is added to it; nil where that is not known.
  var clearsAt: EventTime? {
    guard reason == .errorsLogged,
      let left = evidence.first(where: { $0.name == GateJudgement.clearAfter }).flatMap({ Double($0.value) }),
      left >= 0, left <= 86_400
    else { return nil }
    return at.advanced(by: Int64(left * 1e9))
  }
}
