/// One step of relabelling: `relabel_configs`, `metric_relabel_configs` and `write_relabel_configs` of Prometheus.
///
/// Source: prometheus.io/docs/prometheus/latest/configuration/configuration/#relabel_config
public struct RelabelRule: Sendable, Hashable {
  public enum Action: String, Sendable, Hashable, CaseIterable {
    case replace, keep, drop, keepequal, dropequal, hashmod, labelmap, labeldrop, labelkeep, lowercase,
      uppercase
  }

  public let action: Action
  /// Their values, joined by ``separator``, are what is looked at.
  public let sourceLabels: [String]
  public let separator: String
  public let pattern: Pattern
  /// Of `hashmod`; at least 1.
  public let modulus: UInt64
  /// May hold references to groups, as ``replacement`` may.
  public let targetLabel: String
  public let replacement: String

  /// - Throws: ``RelabelError`` where the action lacks what it needs.
  public init(
    action: Action = .replace, sourceLabels: [String] = [], separator: String = ";", pattern: Pattern? = nil,
    modulus: UInt64 = 0, targetLabel: String = "", replacement: String = "$1"
  ) throws(RelabelError) {
    switch action {
    case .replace, .lowercase, .uppercase, .keepequal, .dropequal, .hashmod:
      guard !targetLabel.isEmpty else { throw RelabelError(reason: "\(action) needs a target_label") }
    case .keep, .drop, .labelmap, .labeldrop, .labelkeep: break
    }
    if action == .hashmod, modulus == 0 {
      throw RelabelError(reason: "hashmod needs a modulus from 1")
    }
    self.action = action
    self.sourceLabels = sourceLabels
    self.separator = separator
    if let pattern {
      self.pattern = pattern
    } else {
      do {
        self.pattern = try Pattern("(.*)")
      } catch {
        throw RelabelError(reason: "\(error)")
      }
    }
    self.modulus = modulus
    self.targetLabel = targetLabel
    self.replacement = replacement
  }
}

/// A rule that cannot be.
public struct RelabelError: Error, Sendable, Equatable, CustomStringConvertible {
  public let reason: String
  public var description: String { reason }
}
