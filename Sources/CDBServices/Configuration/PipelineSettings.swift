import CDBDomain
import CDBGate
import CDBPipeline
import ServiceRuntime

/// The check that a configuration makes sense as a whole: all that a run makes of its settings before it touches anything.
public enum PipelineSettings {
  /// - Returns: what is allowed and will hardly be meant, a sentence each.
  /// - Throws: what a run with these settings would be refused with.
  public static func check(_ settings: EffectiveConfiguration) throws -> [String] {
    guard ListenAddress(settings.string("http.listen")) != nil else {
      throw InvalidSetting(
        key: "http.listen", value: settings.string("http.listen"),
        expected: "host:port, such as 127.0.0.1:8000")
    }
    let feed = try FeedSelection(settings)
    _ = try BlockPlan(settings)
    // Wrong is wrong, whether a journal brings its own configuration or not.
    let configuration = try PipelineConfiguration(settings)
    try feed.check(try feed.configuration(settings))
    _ = try GatePolicy(settings)
    _ = try StoreLocation(settings)
    _ = try BusOptions(settings)
    _ = try ServicesSettings.addresses(settings)
    _ = try CoreSettings.share(settings)
    return configuration.warnings + unusedSpeed(feed, settings)
  }

  /// A speed that is set and does nothing: `--speed` is refused then, and what stands in a file may be meant for another feed.
  private static func unusedSpeed(_ feed: FeedSelection, _ settings: EffectiveConfiguration) -> [String] {
    guard !feed.isRecorded, let speed = settings.entries.first(where: { $0.key == "feed.speed" }),
      speed.origin != .default
    else { return [] }
    return [
      "feed.speed is \(speed.value) (\(speed.origin)) and does nothing: it is for recordings, and the feed is "
        + "\(settings.string("feed.source")), a market that goes at its own pace"
    ]
  }
}
