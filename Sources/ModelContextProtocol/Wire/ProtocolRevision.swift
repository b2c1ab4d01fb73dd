/// A revision of the Model Context Protocol that is spoken here.
public enum ProtocolRevision: String, Sendable, CaseIterable {
  /// A client says `initialize` first, and what was agreed then holds for the connection.
  case november2025 = "2025-11-25"
  /// Each request says in `_meta` what it needs, and nothing is remembered.
  case july2026 = "2026-07-28"

  /// The newest first, as clients are to choose.
  static let names = [july2026.rawValue, november2025.rawValue]
}
