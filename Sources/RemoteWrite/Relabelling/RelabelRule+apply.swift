import Crypto
import OpenMetrics

extension RelabelRule {
  /// Goes through the rules in their order.
  ///
  /// - Returns: the labels as they are then; nil where a rule drops what has them.
  public static func apply(_ rules: [RelabelRule], to labels: SeriesLabels) -> SeriesLabels? {
    var labels = labels
    for rule in rules where !rule.apply(to: &labels) { return nil }
    return labels
  }

  /// - Returns: whether what has these labels stays.
  private func apply(to labels: inout SeriesLabels) -> Bool {
    switch action {
    case .keep: return pattern.match(value(in: labels)) != nil
    case .drop: return pattern.match(value(in: labels)) == nil
    case .keepequal: return labels[targetLabel].utf8.elementsEqual(value(in: labels).utf8)
    case .dropequal: return !labels[targetLabel].utf8.elementsEqual(value(in: labels).utf8)
    case .replace: replace(in: &labels)
    case .lowercase: labels[targetLabel] = value(in: labels).lowercased()
    case .uppercase: labels[targetLabel] = value(in: labels).uppercased()
    case .hashmod: labels[targetLabel] = String(Self.hash(value(in: labels)) % modulus)
    case .labeldrop: labels.filter { pattern.match($0.name) == nil }
    case .labelkeep: labels.filter { pattern.match($0.name) != nil }
    case .labelmap:
      for label in labels.labels {
        guard let match = pattern.match(label.name) else { continue }
        labels[match.expand(replacement)] = label.value
      }
    }
    return true
  }

  /// The last half of MD5, as a number whose first byte is the highest. It spreads targets; nothing is kept secret by it.
  private static func hash(_ text: String) -> UInt64 {
    Insecure.MD5.hash(data: Array(text.utf8)).dropFirst(8).reduce(0) { $0 << 8 | UInt64($1) }
  }

  private func value(in labels: SeriesLabels) -> String {
    sourceLabels.map { labels[$0] }.joined(separator: separator)
  }

  private func replace(in labels: inout SeriesLabels) {
    guard let match = pattern.match(value(in: labels)) else { return }
    let target = match.expand(targetLabel)
    guard LabelName.isLegacy(target) else { return }
    labels[target] = match.expand(replacement)
  }
}

extension Pattern.Match {
  /// Replaces `$1`, `$name` and `${name}` by what the groups matched, and `$$` by `$`, as Go's `Regexp.Expand` does: a name
  /// is as long as it can be, and one that no group has stands for nothing.
  public func expand(_ template: String) -> String {
    var result = ""
    var rest = template.unicodeScalars[...]
    while let dollar = rest.firstIndex(of: "$") {
      result.unicodeScalars.append(contentsOf: rest[..<dollar])
      rest = rest[rest.index(after: dollar)...]
      if rest.first == "$" {
        result += "$"
        rest = rest.dropFirst()
      } else if let (name, behind) = Self.reference(rest) {
        result += Int(name).map { self[$0] } ?? self[name]
        rest = behind
      } else {
        result += "$"
      }
    }
    result.unicodeScalars.append(contentsOf: rest)
    return result
  }

  private static func reference(
    _ text: Substring.UnicodeScalarView
  ) -> (String, Substring.UnicodeScalarView)? {
    let isBraced = text.first == "{"
    let start = isBraced ? text.dropFirst() : text
    let name = start.prefix { $0 == "_" || $0.properties.isAlphabetic || $0.properties.numericType != nil }
    guard !name.isEmpty else { return nil }
    let behind = start[name.endIndex...]
    guard isBraced else { return (String(name), behind) }
    return behind.first == "}" ? (String(name), behind.dropFirst()) : nil
  }
}
