import DurableQueue
import Foundation

/// Keeps in mind which parts of a journal are damaged. The queue reads its newest segment alone when it is opened, and goes
/// on behind a damaged one in another: the next start would not find it again.
struct DamageRecord: Sendable {
  static let fileName = "journal-damage.json"
  /// More than this says nothing more.
  static let mostParts = 100

  /// Of the data.
  let directory: String
  private var path: String { directory + "/" + Self.fileName }

  /// What is damaged now: what this opening has found, and what earlier ones did and is there still.
  ///
  /// A record that cannot be read tells nothing, and one that cannot be written is said: neither keeps anything from starting.
  func damage(of journal: Journal, notice: (String) -> Void) -> [JournalDamage] {
    let found = journal.queue.openReport.quarantined.map(JournalDamage.init)
    let before = known()
    let first = journal.queue.statistics.firstSequence
    let earlier = before.filter { part in
      !found.contains { $0.file == part.file && $0.offset == part.offset }
        && isThere(part, in: journal, first)
    }
    let now = Array((earlier + found).prefix(Self.mostParts))
    guard now != before else { return now }
    do {
      if now.isEmpty {
        try FileManager.default.removeItem(atPath: path)
      } else {
        let encoder = JSONEncoder()
        encoder.outputFormatting = [.prettyPrinted, .sortedKeys, .withoutEscapingSlashes]
        try encoder.encode(now).write(to: URL(filePath: path), options: .atomic)
      }
    } catch {
      notice("\(path) cannot be written: \(DataFolder.systemWords(of: error))")
    }
    return now
  }

  private func known() -> [JournalDamage] {
    guard let bytes = FileManager.default.contents(atPath: path),
      let parts = try? JSONDecoder().decode([JournalDamage].self, from: bytes)
    else { return [] }
    return Array(parts.prefix(Self.mostParts))
  }

  /// Whether it cannot be read still: a copy that is whole may have been put in its place.
  private func isThere(_ part: JournalDamage, in journal: Journal, _ first: UInt64) -> Bool {
    guard let firstLost = part.firstLost, let lastLost = part.lastLost else {
      return !part.file.contains("/")
        && FileManager.default.fileExists(atPath: "\(journal.directory)/\(part.file)")
    }
    guard lastLost >= first else { return false }
    let read = try? journal.reader(from: max(first, firstLost)).read(maximum: 1)
    return read?.isEmpty ?? true
  }
}
