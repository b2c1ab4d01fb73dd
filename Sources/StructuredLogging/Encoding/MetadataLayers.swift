import Logging

/// The metadata of one event: its own over the provider's over the logger's, as swift-log prescribes, without
/// merging them into a new dictionary.
struct MetadataLayers {
  var event: Logger.Metadata?
  var provider: Logger.Metadata?
  var logger: Logger.Metadata

  func contains(_ key: String) -> Bool {
    event?[key] != nil || provider?[key] != nil || logger[key] != nil
  }

  /// Calls `body` once for each key, with the value that wins. Stops and returns false if `body` does.
  func forEach(_ body: (String, Logger.MetadataValue) -> Bool) -> Bool {
    if let event {
      for (key, value) in event where !body(key, value) { return false }
    }
    if let provider {
      for (key, value) in provider where event?[key] == nil {
        guard body(key, value) else { return false }
      }
    }
    for (key, value) in logger where event?[key] == nil && provider?[key] == nil {
      guard body(key, value) else { return false }
    }
    return true
  }
}
