/// Which field of the document a metadata key becomes.
///
/// A dotted key is a field of its own (`event.reason`, `trace.id`). A key without a dot becomes a label, and so
/// does one that would overwrite a field that the encoder writes itself.
///
/// No two keys become the same field. Moving is prefixing with `labels.`, which is injective, so only a moved
/// `k` and a literal `labels.k` could meet; the literal is then moved too (`labels.labels.k`), and so on up.
struct FieldNames {
  var metadata: MetadataLayers
  /// Whether the event carries an error, whose fields the encoder writes itself.
  var hasError: Bool

  /// Whether the key is written with `labels.` in front.
  func isMoved(_ key: String) -> Bool {
    guard key.utf8.contains(UInt8(ascii: ".")), !isReserved(key) else { return true }
    guard Self.isLabel(key) else { return false }
    let inner = String(key.utf8.dropFirst("labels.".utf8.count)) ?? ""
    return metadata.contains(inner) && isMoved(inner)
  }

  /// Whether the field that a key becomes is a label, whose scalars are strings.
  static func isLabel(_ key: String) -> Bool { key.utf8.starts(with: "labels.".utf8) }

  private func isReserved(_ key: String) -> Bool {
    // By length first: this runs for every key of every event.
    switch key.utf8.count {
    case 9: key == "log.level" || key == "log.flags"
    case 10: key == "log.logger" || (hasError && key == "error.type")
    case 11: key == "ecs.version" || key == "process.pid"
    case 12: key == "service.name"
    case 13: key == "event.dataset" || (hasError && key == "error.message")
    case 15: key == "service.version"
    case 17: key == "service.node.name" || key == "process.thread.id"
    default: false
    }
  }
}
