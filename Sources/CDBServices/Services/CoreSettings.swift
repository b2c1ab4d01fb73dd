import CDBPipeline
import ServiceRuntime

/// What one `cdb core` among several takes.
enum CoreSettings {
  static let partitionsKey = "core.partitions"

  static let keys = [
    ConfigurationKey(
      partitionsKey, .string,
      help:
        "Of one cdb core among several: the symbols that it takes, by their places in feed.symbols from 0, "
        + "such as 0-1,4. All unless set.")
  ]

  /// The share that the settings name; nil for all.
  static func share(_ settings: EffectiveConfiguration) throws -> PartitionShare? {
    guard let text = settings.optionalString(partitionsKey), !text.isEmpty else { return nil }
    guard let share = PartitionShare(text) else {
      throw InvalidSetting(
        key: partitionsKey, value: text, expected: "numbers and ranges from 0, each once, such as 0-1,4")
    }
    return share
  }

  /// The same, of a process that knows its instruments.
  static func share(_ settings: EffectiveConfiguration, of instruments: Int) throws -> PartitionShare? {
    guard let share = try share(settings) else { return nil }
    guard share.partitions.allSatisfy({ Int($0) < instruments }) else {
      throw InvalidSetting(
        key: partitionsKey, value: share.description,
        expected: "places among the \(instruments) symbols, so at most \(instruments - 1)")
    }
    return share
  }
}
