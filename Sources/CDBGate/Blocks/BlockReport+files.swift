import CDBDomain
import CDBPipeline

extension BlockReport {
  /// A report as the files that it is kept in, by name. English has the plain names.
  public var files: [String: String] {
    var files: [String: String] = [:]
    for language in Language.allCases {
      let document = BlockDocument(self, in: language).document
      let ending = language == .en ? "" : ".\(language.rawValue)"
      files["report\(ending).md"] = document.markdown
      files["report\(ending).html"] = document.html
    }
    files["decision-log.md"] = decisionLogEntry.text
    return files
  }

  /// At most ten lines.
  public func summary(in language: Language) -> [String] { BlockDocument(self, in: language).summary }

  /// What a decision log keeps of the block.
  public var decisionLogEntry: DecisionLogEntry { DecisionLogEntry(self) }
}

/// An entry of a decision log, recognisable in it.
public struct DecisionLogEntry: Sendable, Hashable, Codable {
  /// Stands in the entry's first line, and tells the block from those of other directories.
  public var marker: String
  public var text: String

  init(_ report: BlockReport) {
    let block = report.block
    marker = "<!-- cdb block \(block.number) \(block.startedAt.nanoseconds) -->"
    func items(_ texts: [String]) -> String {
      texts.isEmpty ? "None." : texts.map { "- \(ReportDocument.escaped($0))" }.joined(separator: "\n")
    }
    func lines(_ texts: [String]) -> String {
      texts.map { "- \(ReportDocument.escaped($0))" }.joined(separator: "\n")
    }
    let date = report.rows.since.rfc3339.prefix(10)
    text = """
      \(marker)
      ## Block \(block.number) of \(date): \(report.judgement.name(in: .en))

      **Status:** \(block.lessons.lessons.isEmpty ? "reported" : "analysed"), \(report.rows.until.rfc3339.prefix(7))

      **Context.**

      \(lines(report.summary(in: .en)))

      **Decision.** What was learned:

      \(items(block.lessons.lessons))

      **Consequences.** To do:

      \(items(block.lessons.todos))

      """
  }

  /// The log with the entry at its end; nil where it has it already.
  public func appended(to log: String) -> String? {
    guard !log.contains(marker) else { return nil }
    let body = log.isEmpty || log.hasSuffix("\n\n") ? log : log.hasSuffix("\n") ? log + "\n" : log + "\n\n"
    return body + text
  }
}
