import Foundation

/// One page of a list. A cursor names the last entry that was told, so that a list which changes meanwhile
/// is neither told twice nor in part; to clients it is opaque.
struct Page {
  var entries: [JSONValue]
  var nextCursor: String?

  /// - Parameters:
  ///   - keys: what names each entry.
  ///   - size: how many entries a page has, at least 1.
  /// - Throws: -32602 for a cursor that this list has not given.
  init(
    of list: Catalog.List, keys: [String], entries: [JSONValue], after cursor: String?, size: Int
  ) throws(ProtocolError) {
    var start = 0
    if let cursor {
      guard let key = Self.key(of: cursor, in: list), let place = keys.firstIndex(of: key) else {
        throw .invalidParams("the cursor is none of this list, or its entry is gone; begin anew")
      }
      start = place + 1
    }
    let end = min(entries.count, start + max(1, size))
    self.entries = Array(entries[start..<end])
    nextCursor = end < entries.count ? Self.cursor(for: keys[end - 1], in: list) : nil
  }

  private static func cursor(for key: String, in list: Catalog.List) -> String {
    Data("\(list.rawValue) \(key)".utf8).base64EncodedString()
  }

  private static func key(of cursor: String, in list: Catalog.List) -> String? {
    guard let data = Data(base64Encoded: cursor), let text = String(data: data, encoding: .utf8),
      text.hasPrefix("\(list.rawValue) ")
    else { return nil }
    return String(text.dropFirst(list.rawValue.count + 1))
  }
}
