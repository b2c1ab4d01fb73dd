import CDBDomain

/// A decision of the store with its link in the chain. What one of the two tables does not have is nil.
public struct AuditRow: Sendable, Hashable {
  /// The number of the journal record.
  public var origin: UInt64
  public var time: EventTime?
  public var kind: String?
  /// The decision as the store has it.
  public var body: String?
  public var control: Control?
  var content: [UInt8]?
  public var hash: [UInt8]?

  init(
    origin: UInt64, time: EventTime?, kind: String?, body: String?, control: Control?, content: [UInt8]?,
    hash: [UInt8]?
  ) {
    self.origin = origin
    self.time = time
    self.kind = kind
    self.body = body
    self.control = control
    self.content = content
    self.hash = hash
  }
}

/// What is wrong with a decision.
public struct AuditFault: Sendable, Hashable, Codable {
  public enum Kind: String, Sendable, Hashable, Codable, CaseIterable {
    /// It is not what was linked.
    case changed
    /// It stands in the store and was never linked.
    case unlinked
    /// It was linked and is gone.
    case removed
    /// Its link does not follow from the one before it: something before it was changed, added or taken away, or its time.
    case broken
    /// The journal has it, and the store does not.
    case missing
    /// The journal has another one.
    case differsFromJournal = "differs_from_journal"
    /// The journal has none of that number.
    case notInJournal = "not_in_journal"
    /// The file that was kept as its evidence is gone.
    case evidenceMissing = "evidence_missing"
    /// The file that was kept as its evidence is another one.
    case evidenceChanged = "evidence_changed"
  }

  public var kind: Kind
  /// The number of the journal record.
  public var origin: UInt64
  public init(_ kind: Kind, origin: UInt64) {
    self.kind = kind
    self.origin = origin
  }
}

extension AuditChain {
  /// Checks every link. Each fault is told once: what follows is judged by the links as they stand.
  ///
  /// - Parameter rows: in the order of the journal.
  public static func faults(in rows: [AuditRow]) -> [AuditFault] {
    var faults: [AuditFault] = []
    var previous = genesis
    for row in rows {
      guard let content = row.content, let hash = row.hash else {
        faults.append(AuditFault(.unlinked, origin: row.origin))
        continue
      }
      if let body = row.body, let time = row.time {
        if self.content(body) != content || row.control?.name != row.kind {
          faults.append(AuditFault(.changed, origin: row.origin))
        } else if link(previous, origin: row.origin, time: time, content: content) != hash {
          faults.append(AuditFault(.broken, origin: row.origin))
        }
      } else {
        faults.append(AuditFault(.removed, origin: row.origin))
      }
      previous = hash
    }
    return faults
  }

  /// Holds the store's decisions against the journal's, which were there before them.
  ///
  /// - Parameters:
  ///   - journal: the decisions by the number of their record.
  ///   - range: the records that were read; the others have been trimmed, or the store has not come to them.
  public static func faults(
    in rows: [AuditRow], against journal: [UInt64: Control], in range: ClosedRange<UInt64>
  ) -> [AuditFault] {
    let stored = Dictionary(rows.map { ($0.origin, $0.control) }, uniquingKeysWith: { $1 })
    var faults = journal.filter { range.contains($0.key) }.compactMap { origin, control -> AuditFault? in
      guard let known = stored[origin] else { return AuditFault(.missing, origin: origin) }
      return known == control ? nil : AuditFault(.differsFromJournal, origin: origin)
    }
    faults += rows.filter { range.contains($0.origin) && journal[$0.origin] == nil }
      .map { AuditFault(.notInJournal, origin: $0.origin) }
    return faults.sorted { ($0.origin, $0.kind.rawValue) < ($1.origin, $1.kind.rawValue) }
  }
}
