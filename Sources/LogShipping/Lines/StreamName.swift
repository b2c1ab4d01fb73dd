/// The name of a data stream, `logs-<dataset>-<namespace>`.
///
/// The rules: [naming scheme](https://www.elastic.co/docs/reference/ecs/ecs-data_stream),
/// [names of indices](https://www.elastic.co/docs/api/doc/elasticsearch/operation/operation-indices-create).
public struct StreamName: Equatable, Sendable {
  public var dataset: String
  public var namespace: String

  /// - Returns: nil where it is the name of something else.
  public init?(_ index: String) {
    let parts = index.split(separator: "-", omittingEmptySubsequences: false)
    guard parts.count == 3, parts[0] == "logs",
      parts[1...].allSatisfy({ Array($0.utf8).withUnsafeBytes(Self.isPart) })
    else { return nil }
    dataset = String(parts[1])
    namespace = String(parts[2])
  }

  /// Bytes of a dataset or a namespace at most.
  static let longestPart = 100

  /// Whether it may be a dataset or a namespace: no hyphen, none of `\ / * ? " < > | , # :`, no space, no capital. What is not ASCII
  /// is refused, too: which of it is small, the server's tables say.
  static func isPart(_ bytes: UnsafeRawBufferPointer) -> Bool {
    (1...longestPart).contains(bytes.count) && bytes.allSatisfy(isAllowed)
  }

  @inline(__always)
  private static func isAllowed(_ byte: UInt8) -> Bool {
    switch byte {
    case UInt8(ascii: "A")...UInt8(ascii: "Z"), 0...32, 127...: false
    case UInt8(ascii: "-"), UInt8(ascii: "\\"), UInt8(ascii: "/"), UInt8(ascii: "*"), UInt8(ascii: "?"),
      UInt8(ascii: "\""), UInt8(ascii: "<"), UInt8(ascii: ">"), UInt8(ascii: "|"), UInt8(ascii: ","),
      UInt8(ascii: "#"), UInt8(ascii: ":"):
      false
    default: true
    }
  }
}
