import CDBDomain
import CDBGate

/// What became of a change that was asked of a block.
public struct BlockAnswer: Codable, Sendable {
  public var status: BlockStatus
  /// Whether the journal has it, so that a crash does not lose it.
  public var isJournaled: Bool

  enum CodingKeys: String, CodingKey {
    case status
    case isJournaled = "journaled"
  }
}

/// A report that was made.
public struct BlockReportAnswer: Codable, Sendable {
  public var status: BlockStatus
  /// Whether the journal has it, so that a crash does not lose it.
  public var isJournaled: Bool
  /// At most ten lines, in English and in German.
  public var summary: [String]
  public var summaryDe: [String]
  public var decisionLogEntry: DecisionLogEntry

  enum CodingKeys: String, CodingKey {
    case status, summary
    case isJournaled = "journaled"
    case summaryDe = "summary_de"
    case decisionLogEntry = "decision_log_entry"
  }

  public func summary(in language: Language) -> [String] { language == .de ? summaryDe : summary }
}
