import ServiceRuntime

extension EffectiveConfiguration {
  /// What all processes of a pipeline must have the same: that the stages decide by, and how the gate comes to be asked. By its
  /// beginnings, so that no setting is forgotten that is added.
  private static let shared = [
    "account.", "exchange.", "feed.maximum_price_change", "feed.source", "feed.speed", "feed.symbols",
    "gate.mode", "orders.",
    "profile", "risk.", "strategy.",
  ]

  /// The settings that all processes of a pipeline must have the same, by key. No secrets are among them.
  var sharedSettings: [String: String] {
    Dictionary(
      entries.filter { entry in !entry.isSecret && Self.shared.contains { entry.key.hasPrefix($0) } }
        .map { ($0.key, $0.value) }, uniquingKeysWith: { first, _ in first })
  }
}
