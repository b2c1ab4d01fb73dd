import CDBDomain
import CDBPipeline
import Foundation
import ServiceRuntime

/// The decisions of a data directory, their chain, and whether it holds.
public struct AuditTrail: Codable, Sendable {
  /// One decision: who, what, why, and what it rested on.
  public struct Entry: Codable, Sendable, Equatable {
    /// From 1.
    public var number: Int
    /// The number of the journal record.
    public var record: UInt64
    public var decision: GateHistoryEntry?
    /// SHA-256 of a verdict's evidence, or of the file that was kept for an incident; nil where there is none.
    public var evidence: String?
    /// The decision's link in the chain, hexadecimal; nil where it has none.
    public var hash: String?
  }

  public var entries: [Entry]
  public var faults: [AuditFault]
  /// The newest link; nil where there is none.
  public var head: String?
  /// Records of the journal that the decisions were held against; nil where there is no journal.
  public var journal: ClosedRange<UInt64>?
  /// Whether the link that was asked for is one of the chain's; nil where none was.
  public var containsAskedHead: Bool?

  public var isIntact: Bool { faults.isEmpty && containsAskedHead != false }

  /// Reads a data directory and its store without changing them; whether something runs there makes no difference.
  ///
  /// - Parameter head: a link that was noted before and must still be there; hexadecimal.
  public init(_ settings: EffectiveConfiguration, head asked: String? = nil) async throws {
    let dataDirectory = settings.string("data_dir")
    let store = try await StoreLocation.existing(settings)
    defer { try? store.close() }
    let (rows, origin) = try await store.auditTrail()
    faults = AuditChain.faults(in: rows)
    let journalPath = dataDirectory + "/journal"
    if FileManager.default.fileExists(atPath: journalPath),
      let journal = try Journal.decisions(ofJournalIn: journalPath, through: origin)
    {
      self.journal = journal.range
      faults += AuditChain.faults(in: rows, against: journal.decisions, in: journal.range)
    }
    faults += rows.compactMap { Self.evidenceFault(in: $0, below: dataDirectory) }
    entries = rows.enumerated().map { Entry(number: $0.offset + 1, $0.element) }
    head = rows.last { $0.hash != nil }?.hash.map { AuditChain.hexadecimal($0) }
    if let asked = asked?.lowercased() { containsAskedHead = entries.contains { $0.hash == asked } }
  }

  /// Whether the file that a decision names as its evidence is still what it was.
  private static func evidenceFault(in row: AuditRow, below directory: String) -> AuditFault? {
    guard case .incident(let event)? = row.control, let file = event.file else { return nil }
    let path = directory + "/" + file.path
    // The name comes out of a store that somebody may have changed: nothing outside the folder is read.
    guard file.path.hasPrefix(EvidenceFolder.name + "/"), !file.path.contains(".."),
      (try? FileManager.default.attributesOfItem(atPath: path)[.type] as? FileAttributeType) == .typeRegular,
      let bytes = FileManager.default.contents(atPath: path)
    else { return AuditFault(.evidenceMissing, origin: row.origin) }
    return AuditChain.digest(bytes) == file.sha256
      ? nil : AuditFault(.evidenceChanged, origin: row.origin)
  }

  /// One JSON object a line, oldest first.
  public func exported() throws -> Data {
    let encoder = JSONEncoder()
    encoder.outputFormatting = [.sortedKeys, .withoutEscapingSlashes]
    var lines = Data()
    for entry in entries {
      lines.append(try encoder.encode(entry))
      lines.append(UInt8(ascii: "\n"))
    }
    return lines
  }

  /// For a person: whether it holds, how much there is, and what is wrong.
  public func text(in language: Language) -> String {
    var lines = [
      isIntact
        ? Translation(
          en: "the chain is whole: \(entries.count) decisions",
          de: "die Kette ist ganz: \(entries.count) Entscheidungen")[
            language]
        : faults.isEmpty
          ? Translation(
            en:
              "the link that was asked for is NOT in the chain of \(entries.count) decisions, which holds by itself",
            de:
              "das gefragte Glied ist NICHT in der Kette von \(entries.count) Entscheidungen, die in sich hält"
          )[
            language]
          : Translation(
            en: "the chain is BROKEN: \(entries.count) decisions, \(faults.count) faults",
            de: "die Kette ist GEBROCHEN: \(entries.count) Entscheidungen, \(faults.count) Fehler")[language]
    ]
    if let head { lines.append("  " + Translation(en: "head     ", de: "Kopf     ")[language] + head) }
    lines.append(
      "  " + Translation(en: "journal  ", de: "Journal  ")[language]
        + (journal.map {
          Translation(
            en: "records \($0.lowerBound) to \($0.upperBound) say the same where nothing else is said below",
            de: "Sätze \($0.lowerBound) bis \($0.upperBound) sagen dasselbe, wo unten nichts anderes steht")[
              language]
        } ?? Translation(en: "none to hold them against", de: "keines zum Vergleich")[language]))
    if containsAskedHead == false {
      lines.append(
        "  "
          + Translation(
            en: "the link that was asked for is not in the chain",
            de: "das erfragte Glied ist nicht in der Kette")[language])
    }
    lines += faults.prefix(Self.shownFaults).map { "  record \($0.origin): \($0.kind.text(in: language))" }
    if faults.count > Self.shownFaults { lines.append("  …") }
    return lines.joined(separator: "\n")
  }

  private static let shownFaults = 20
}

extension AuditTrail.Entry {
  init(number: Int, _ row: AuditRow) {
    self.number = number
    record = row.origin
    decision = row.control.map {
      GateHistoryEntry(ControlRecord(time: row.time ?? EventTime(nanoseconds: 0), control: $0))
    }
    let encoder = JSONEncoder()
    encoder.outputFormatting = [.sortedKeys]
    switch row.control {
    case .verdict(let verdict)? where !verdict.evidence.isEmpty:
      evidence = (try? encoder.encode(verdict.evidence)).map { AuditChain.digest($0) }
    case .incident(let event)?:
      evidence = event.file?.sha256
    default: break
    }
    hash = row.hash.map { AuditChain.hexadecimal($0) }
  }
}

extension AuditFault.Kind {
  func text(in language: Language) -> String {
    let text =
      switch self {
      case .changed: Translation(en: "is not what was decided", de: "ist nicht, was entschieden wurde")
      case .unlinked: Translation(en: "was never linked", de: "wurde nie verkettet")
      case .removed: Translation(en: "is gone from the store", de: "fehlt im Speicher")
      case .broken:
        Translation(en: "does not follow from the one before it", de: "folgt nicht aus der davor")
      case .missing:
        Translation(
          en: "stands in the journal and not in the store", de: "steht im Journal und nicht im Speicher")
      case .differsFromJournal:
        Translation(en: "is another one in the journal", de: "ist im Journal eine andere")
      case .evidenceMissing:
        Translation(en: "has lost the file of its evidence", de: "hat die Datei seines Belegs verloren")
      case .evidenceChanged:
        Translation(
          en: "has another file as its evidence than it had", de: "hat eine andere Datei als Beleg als damals"
        )
      case .notInJournal: Translation(en: "is not in the journal", de: "steht nicht im Journal")
      }
    return text[language]
  }
}
