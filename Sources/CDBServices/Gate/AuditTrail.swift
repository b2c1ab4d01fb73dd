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

  /// What could not be held against anything, and why.
  public struct Gap: Codable, Sendable, Equatable {
    public enum Kind: String, Codable, Sendable {
      /// Decisions that were not compared with the journal.
      case journal
      /// Files of evidence that were not looked at.
      case evidence
    }

    public var kind: Kind
    /// How many decisions.
    public var decisions: Int
    public var reason: String
  }

  public var entries: [Entry]
  public var faults: [AuditFault]
  public var gaps: [Gap] = []
  /// The newest link; nil where there is none.
  public var head: String?
  /// Records of the journal that the decisions were held against; nil where there is no journal.
  public var journal: ClosedRange<UInt64>?
  /// Whether the link that was asked for is one of the chain's; nil where none was.
  public var containsAskedHead: Bool?

  /// Nothing was found to be changed.
  public var isIntact: Bool { faults.isEmpty && containsAskedHead != false }
  /// Nothing was found to be changed, and nothing was left out.
  public var isProven: Bool { isIntact && gaps.isEmpty }

  /// Reads a store, the journal behind it and the evidence without changing them; whether something runs there makes no
  /// difference.
  ///
  /// - Parameters:
  ///   - settings: the data directory with the evidence, and the store: in it, or `store.url`.
  ///   - asked: a link that was noted before and must still be there; hexadecimal.
  ///   - journal: the journal's folder, or the data directory that it is in; that of the settings where nil.
  public init(
    _ settings: EffectiveConfiguration, head asked: String? = nil, journal place: String? = nil
  ) async throws {
    let dataDirectory = settings.string("data_dir")
    let journalPath = try Self.journal(at: place, otherwise: dataDirectory)
    let store = try await StoreLocation.existing(settings)
    defer { try? store.close() }
    let (rows, origin) = try await store.auditTrail()
    faults = AuditChain.faults(in: rows)
    entries = rows.enumerated().map { Entry(number: $0.offset + 1, $0.element) }
    head = rows.last { $0.hash != nil }?.hash.map { AuditChain.hexadecimal($0) }
    if let journalPath { compare(rows, through: origin, withJournalIn: journalPath) }
    lookAtEvidence(of: rows, below: dataDirectory, isServer: settings.secretSource("store.url") != nil)
    if let asked = asked?.lowercased() { containsAskedHead = entries.contains { $0.hash == asked } }
  }

  /// The folder of the journal to compare with; nil where none was asked for and none is there.
  private static func journal(at place: String?, otherwise dataDirectory: String) throws -> String? {
    guard let place else {
      let path = dataDirectory + "/journal"
      return FileManager.default.fileExists(atPath: path) ? path : nil
    }
    for path in [place + "/journal", place] {
      let names = (try? FileManager.default.contentsOfDirectory(atPath: path)) ?? []
      if names.contains(where: { $0.hasSuffix(".seg") }) { return path }
    }
    throw InvalidSetting(
      key: "--journal", value: place, expected: "a journal's folder, or a data directory with a journal in it"
    )
  }

  private mutating func compare(_ rows: [AuditRow], through origin: UInt64, withJournalIn path: String) {
    var end: UInt64 = 0
    var reason: String?
    do {
      guard let found = try Journal.decisions(ofJournalIn: path, through: origin) else { return }
      if let range = found.range {
        journal = range
        end = range.upperBound
        faults += AuditChain.faults(in: rows, against: found.decisions, in: range)
      }
      reason = found.damage
    } catch {
      reason = "\(error)"
    }
    let beyond = rows.count { $0.origin > end }
    if let reason {
      gaps.append(Gap(kind: .journal, decisions: beyond, reason: reason))
    } else if beyond > 0 {
      gaps.append(Gap(kind: .journal, decisions: beyond, reason: "\(path) ends with record \(end)"))
    }
  }

  /// Beside a store on a server the evidence may be elsewhere: that is no loss.
  private mutating func lookAtEvidence(of rows: [AuditRow], below directory: String, isServer: Bool) {
    let folder = directory + "/" + EvidenceFolder.name
    guard isServer, !FileManager.default.fileExists(atPath: folder) else {
      faults += rows.compactMap { Self.evidenceFault(in: $0, below: directory) }
      return
    }
    let files = rows.count { if case .incident(let event)? = $0.control { event.file != nil } else { false } }
    guard files > 0 else { return }
    gaps.append(
      Gap(
        kind: .evidence, decisions: files,
        reason: "there is no folder \(folder); name the gate's data directory with --data-dir"))
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
    var lines = [heading[language]]
    if let head { lines.append("  " + Translation(en: "head     ", de: "Kopf     ")[language] + head) }
    let label = "  " + Translation(en: "journal  ", de: "Journal  ")[language]
    if let journal {
      lines.append(
        label
          + Translation(
            en:
              "compared, records \(journal.lowerBound) to \(journal.upperBound): \(differences(.en))",
            de:
              "verglichen, Sätze \(journal.lowerBound) bis \(journal.upperBound): \(differences(.de))"
          )[
            language])
    } else if !gaps.contains(where: { $0.kind == .journal }) {
      lines.append(
        label + Translation(en: "none to hold them against", de: "keines zum Vergleich")[language])
    }
    lines += gaps.map { "  " + $0.words[language] }
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

  /// How many of the faults are differences between the store and the journal.
  private func differences(_ language: Language) -> String {
    let count = faults.count { [.missing, .differsFromJournal, .notInJournal].contains($0.kind) }
    let words =
      switch count {
      case 0: Translation(en: "no difference", de: "kein Unterschied")
      case 1: Translation(en: "1 difference, named below", de: "1 Unterschied, unten genannt")
      default:
        Translation(en: "\(count) differences, named below", de: "\(count) Unterschiede, unten genannt")
      }
    return words[language]
  }

  private static let shownFaults = 20

  private var heading: Translation {
    let count = entries.count
    if !faults.isEmpty {
      return Translation(
        en: "the chain is BROKEN: \(count) decisions, \(faults.count) faults",
        de: "die Kette ist GEBROCHEN: \(count) Entscheidungen, \(faults.count) Fehler")
    }
    if containsAskedHead == false {
      return Translation(
        en: "the link that was asked for is NOT in the chain of \(count) decisions, which holds by itself",
        de: "das gefragte Glied ist NICHT in der Kette von \(count) Entscheidungen, die in sich hält")
    }
    if !gaps.isEmpty {
      return Translation(
        en: "the store's chain is whole: \(count) decisions; NOT everything could be compared",
        de: "die Kette des Speichers ist ganz: \(count) Entscheidungen; NICHT alles war zu vergleichen")
    }
    return Translation(
      en: "the chain is whole: \(count) decisions", de: "die Kette ist ganz: \(count) Entscheidungen")
  }
}

extension AuditTrail.Gap {
  var words: Translation {
    switch kind {
    case .journal:
      Translation(
        en:
          "\(decisions) decisions were not compared with the journal, because it cannot be read further: \(reason)",
        de:
          "\(decisions) Entscheidungen nicht mit dem Journal verglichen, weil es nicht weiter lesbar ist: \(reason)"
      )
    case .evidence:
      Translation(
        en: "\(decisions) files of evidence were not looked at: \(reason)",
        de: "\(decisions) Dateien mit Belegen nicht angesehen: \(reason)")
    }
  }
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
