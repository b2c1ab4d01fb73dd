/// What the server says of one document.
enum ItemVerdict: Equatable, Sendable {
  case accepted
  /// It has the document already.
  case repeated
  /// It took the document into its failure store.
  case failureStore
  /// It may take it later.
  case later(status: Int, words: String)
  /// It will never take it.
  case refused(status: Int, type: String, reason: String)

  /// The longest words that are kept.
  static let longestWords = 1_024

  /// What a status of an item means that was to be created.
  init(status: Int, type: String, reason: String, failureStore: String) {
    switch status {
    case 200..<300: self = failureStore == "used" ? .failureStore : .accepted
    case 409: self = .repeated
    case 429, 500...: self = .later(status: status, words: "\(type): \(reason)")
    // A full disk closes indices for writing. Who must not write is told so for every document.
    case 401, 403: self = .later(status: status, words: "\(type): \(reason)")
    default:
      self =
        type == "cluster_block_exception"
        ? .later(status: status, words: "\(type): \(reason)")
        : .refused(
          status: status, type: type, reason: String(reason.prefix(Self.longestWords)))
    }
  }
}

/// The answer to a `_bulk` request, read.
enum BulkAnswer {
  /// The verdicts in the order of the documents; nil where the answer is not one to so many documents.
  static func verdicts(_ body: [UInt8], count: Int) -> [ItemVerdict]? {
    body.withUnsafeBytes { bytes in
      var cursor = JSONCursor(bytes)
      var verdicts: [ItemVerdict] = []
      verdicts.reserveCapacity(count)
      var hasErrors = false
      do {
        try cursor.object { (cursor, key) throws(JSONCursor.Malformed) in
          switch key {
          case "errors":
            try cursor.skip()
            hasErrors = true
          case "items":
            try cursor.array { (cursor) throws(JSONCursor.Malformed) in
              verdicts.append(try item(&cursor))
            }
          default: try cursor.skip()
          }
        }
      } catch {
        return nil
      }
      // What is said of the single ones counts, whatever is said of all.
      return cursor.peek() == nil && verdicts.count == count && hasErrors ? verdicts : nil
    }
  }

  /// `{"create": {"status": …, "error": {…}}}`
  private static func item(_ cursor: inout JSONCursor) throws(JSONCursor.Malformed) -> ItemVerdict {
    var verdict: ItemVerdict?
    try cursor.object { (cursor, action) throws(JSONCursor.Malformed) in
      guard action == "create" else { return try cursor.skip() }
      var status: Int?
      var error = (type: "", reason: "")
      var failureStore = ""
      try cursor.object { (cursor, key) throws(JSONCursor.Malformed) in
        switch key {
        case "status": status = try cursor.integer()
        case "failure_store": failureStore = try cursor.text() ?? ""
        case "error": error = try self.error(&cursor)
        default: try cursor.skip()
        }
      }
      guard let status, (100...999).contains(status) else { throw cursor.malformed }
      verdict = ItemVerdict(
        status: status, type: error.type, reason: error.reason, failureStore: failureStore)
    }
    guard let verdict else { throw cursor.malformed }
    return verdict
  }

  private static func error(
    _ cursor: inout JSONCursor
  ) throws(JSONCursor.Malformed) -> (type: String, reason: String) {
    guard cursor.peek() == UInt8(ascii: "{") else { return ("", try cursor.text() ?? "") }
    var (type, reason, cause) = ("", "", "")
    try cursor.object { (cursor, key) throws(JSONCursor.Malformed) in
      switch key {
      case "type": type = try cursor.text() ?? ""
      case "reason": reason = try cursor.text() ?? ""
      case "caused_by": cause = try self.error(&cursor).reason
      default: try cursor.skip()
      }
    }
    return (type, cause.isEmpty ? reason : "\(reason): \(cause)")
  }
}
