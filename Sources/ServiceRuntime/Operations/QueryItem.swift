/// One `name=value` of a query string, decoded.
public struct QueryItem: Equatable, Sendable {
  public let name: String
  public let value: String

  public init(name: String, value: String) {
    self.name = name
    self.value = value
  }

  /// The items of a query string (`application/x-www-form-urlencoded`, https://url.spec.whatwg.org/#urlencoded-parsing),
  /// or nil if a percent sign is not followed by two hexadecimal digits or the bytes are not UTF-8.
  public static func parse(_ query: some StringProtocol) -> [QueryItem]? {
    var items: [QueryItem] = []
    for part in query.utf8.split(separator: UInt8(ascii: "&")) {
      let pair = part.split(separator: UInt8(ascii: "="), maxSplits: 1, omittingEmptySubsequences: false)
      guard let name = PercentDecoding.decode(pair[0], plusIsSpace: true),
        let value = pair.count == 2 ? PercentDecoding.decode(pair[1], plusIsSpace: true) : ""
      else { return nil }
      items.append(QueryItem(name: name, value: value))
    }
    return items
  }
}

enum PercentDecoding {
  /// The text behind percent signs, or nil if one is broken, the bytes are not UTF-8, or there is a NUL.
  static func decode(_ text: some Collection<UInt8>, plusIsSpace: Bool) -> String? {
    var bytes: [UInt8] = []
    bytes.reserveCapacity(text.count)
    var iterator = text.makeIterator()
    while let byte = iterator.next() {
      switch byte {
      case UInt8(ascii: "%"):
        guard let high = iterator.next().flatMap(digit), let low = iterator.next().flatMap(digit) else {
          return nil
        }
        bytes.append(high << 4 | low)
      case UInt8(ascii: "+") where plusIsSpace: bytes.append(UInt8(ascii: " "))
      default: bytes.append(byte)
      }
    }
    return bytes.contains(0) ? nil : String(validating: bytes, as: UTF8.self)
  }

  private static func digit(_ byte: UInt8) -> UInt8? {
    switch byte {
    case 48...57: byte - 48
    case 65...70: byte - 55
    case 97...102: byte - 87
    default: nil
    }
  }
}
