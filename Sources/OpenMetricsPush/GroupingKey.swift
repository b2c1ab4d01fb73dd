import Foundation

/// What a Pushgateway keeps metrics under: a job and any further labels. What is pushed replaces what was pushed before
/// under the same key, and gets the key's labels.
///
/// Source: github.com/prometheus/pushgateway, README, "URL"
public struct GroupingKey: Sendable, Hashable {
  public let job: String
  public let labels: [String: String]

  /// - Parameters:
  ///   - job: not empty.
  ///   - labels: names of `[a-zA-Z_][a-zA-Z0-9_]*`, none of them `job` nor beginning with two underscores; any values.
  /// - Throws: ``PushError/invalidGroupingKey(_:)``.
  public init(job: String, labels: [String: String] = [:]) throws(PushError) {
    if job.isEmpty { throw .invalidGroupingKey("the job is empty") }
    for name in labels.keys.sorted() where !Self.isName(name) {
      throw .invalidGroupingKey("\"\(name)\" is no name of a label")
    }
    if labels["job"] != nil { throw .invalidGroupingKey("the job is given twice") }
    self.job = job
    self.labels = labels
  }

  /// The path of the group, from `/metrics` on; the same labels give the same path.
  public var path: String {
    let labels = labels.sorted { $0.key < $1.key }.map { Self.component($0.key, $0.value) }
    return (["/metrics", Self.component("job", job)] + labels).joined(separator: "/")
  }

  /// Whether a pushed metric may not have a label of this name.
  func claims(_ name: String) -> Bool { name == "job" || labels[name] != nil }

  /// Values that a path cannot show as they are go in base64, for URLs and without padding. A slash would part the path,
  /// an empty value would vanish, and one or two dots would be taken for a way through folders.
  private static func component(_ name: String, _ value: String) -> String {
    if value.isEmpty { return "\(name)@base64/=" }
    if value != ".", value != "..", value.utf8.allSatisfy(isUnreserved) { return "\(name)/\(value)" }
    let base64 = Data(value.utf8).base64EncodedString()
      .replacing("+", with: "-").replacing("/", with: "_").replacing("=", with: "")
    return "\(name)@base64/\(base64)"
  }

  /// RFC 3986 section 2.3.
  private static func isUnreserved(_ byte: UInt8) -> Bool {
    isLetterOrDigit(byte) || "-._~".utf8.contains(byte)
  }

  private static func isName(_ name: String) -> Bool {
    guard let first = name.utf8.first, !(48...57).contains(first), !name.hasPrefix("__") else { return false }
    return name.utf8.allSatisfy { isLetterOrDigit($0) || $0 == UInt8(ascii: "_") }
  }

  private static func isLetterOrDigit(_ byte: UInt8) -> Bool {
    switch byte {
    case UInt8(ascii: "a")...UInt8(ascii: "z"), UInt8(ascii: "A")...UInt8(ascii: "Z"),
      UInt8(ascii: "0")...UInt8(ascii: "9"):
      true
    default: false
    }
  }
}
