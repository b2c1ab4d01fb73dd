import CDBDomain

/// What is so, whatever is answered: which faults there are, which must have been found, and which may still be heard of.
struct Truth {
  /// From the moment at which a fault becomes visible to the right answer, seconds.
  static let deadline = 10.0
  /// A check's pass is renewed when it is 20 s old, one after the other, and may take 5 s: within this time every check
  /// has begun once more.
  static let checksInTurn = 26.0
  /// What the gate goes through until it is open again, and what it says meanwhile, seconds.
  static let gateAftermath = 75.0

  private(set) var active: [FaultKind: Double] = [:]
  private(set) var cured: [FaultKind: Double] = [:]
  /// Since when the process runs without a fault that trips the gate at once.
  private var undisturbedSince = 0.0
  private(set) var startedAt = 0.0

  mutating func begin(_ kind: FaultKind, at now: Double) {
    active[kind] = now
    cured[kind] = nil
  }

  mutating func end(_ kind: FaultKind, at now: Double) {
    active[kind] = nil
    cured[kind] = now
    if !kind.isFoundByCheck { undisturbedSince = now + kind.aftermath }
  }

  mutating func started(at now: Double) {
    startedAt = now
    undisturbedSince = max(undisturbedSince, now)
  }

  /// The faults that must have been named by now.
  func due(at now: Double) -> [FaultKind] {
    let others = active.keys.filter { !$0.isFoundByCheck && !$0.findings.isEmpty }
    return active.compactMap { kind, since in
      guard !kind.findings.isEmpty, kind != .crash else { return nil }
      if case .clockForward = kind, now > since + 14 { return nil }
      if case .clockBack = kind, now > since + 14 { return nil }
      if kind.isFoundByCheck {
        let seen = max(since, undisturbedSince, startedAt)
        return others.isEmpty && now >= seen + Self.checksInTurn + Self.deadline ? kind : nil
      }
      if active.keys.contains(where: { $0.hides(kind) }) { return nil }
      // What comes before it may have kept everything from reaching it.
      let starved =
        cured.filter { $0.key.rank < kind.rank || $0.key.hides(kind) }.map { $0.value + $0.key.aftermath }
        .max() ?? 0
      return now >= max(since, startedAt, starved) + kind.hidden + Self.deadline ? kind : nil
    }
  }

  /// The faults that may be named now.
  func possible(at now: Double) -> [FaultKind] {
    active.keys + cured.filter { now <= $0.value + $0.key.aftermath }.map(\.key)
  }

  /// The faults that the gate may still speak of.
  func remembered(at now: Double) -> [FaultKind] {
    active.keys + cured.filter { now <= $0.value + Self.gateAftermath }.map(\.key)
  }

  /// What must be answered now; empty where nothing must.
  func expected(at now: Double) -> Set<Finding> {
    let due = due(at: now)
    guard let first = due.map(\.rank).min() else { return [] }
    return due.filter { $0.rank == first }.reduce(into: []) { $0.formUnion($1.findings) }
  }
}
