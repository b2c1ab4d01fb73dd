/// How labels and dimensions of swift-metrics become names of families and labels.
///
/// The result is still checked: what is no valid name after all is a ``MetricMismatch``, never a crash.
public struct NameRule: Sendable {
  private let metric: @Sendable (String) -> String
  private let label: @Sendable (String) -> String

  /// Own rules, one for the names of metrics and one for those of labels. They may be called from any thread.
  public init(
    metric: @escaping @Sendable (String) -> String, label: @escaping @Sendable (String) -> String
  ) {
    self.metric = metric
    self.label = label
  }

  /// Names that every reader takes: all but ASCII letters, digits and underscores becomes an underscore, so that
  /// `http.requests` is `http_requests`. Leading underscores, which are reserved, go; what then begins with a digit or
  /// is empty gets `metric_` or `label_` in front, and so do labels called `le` or `quantile`.
  public static let underscores = NameRule(
    metric: { ensureStart(underscored($0), "metric_") },
    label: { unreserved(ensureStart(underscored($0), "label_")) })

  /// Names as they are, for readers of UTF-8 names; others get them escaped as they ask for. Only what no format
  /// allows is changed: leading underscores, nothing at all, and labels called `le` or `quantile`.
  public static let utf8 = NameRule(
    metric: { orElse(String($0.drop { $0 == "_" }), "metric_") },
    label: { unreserved(orElse(String($0.drop { $0 == "_" }), "label_")) })

  func metricName(_ text: String) -> String { metric(text) }

  func labelName(_ text: String) -> String { label(text) }

  private static func underscored(_ text: String) -> Substring {
    let result = String(
      String.UnicodeScalarView(text.unicodeScalars.map { isPlain($0) ? $0 : "_" }))
    return result.drop { $0 == "_" }
  }

  private static func isPlain(_ scalar: Unicode.Scalar) -> Bool {
    switch scalar {
    case "a"..."z", "A"..."Z", "0"..."9", "_": true
    default: false
    }
  }

  private static func ensureStart(_ text: Substring, _ prefix: String) -> String {
    guard let first = text.unicodeScalars.first else { return orElse("", prefix) }
    return ("0"..."9").contains(first) ? prefix + text : String(text)
  }

  private static func orElse(_ text: String, _ prefix: String) -> String {
    text.isEmpty ? prefix + "unnamed" : text
  }

  private static func unreserved(_ label: String) -> String {
    label == "le" || label == "quantile" ? "label_" + label : label
  }
}
