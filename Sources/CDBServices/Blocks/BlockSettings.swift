import CDBDomain
import CDBGate
import ServiceRuntime

extension BlockPlan {
  /// The plan that the settings ask for.
  init(_ settings: EffectiveConfiguration) throws {
    let duration = settings.duration("block.duration").nanoseconds
    let texts = settings.list("block.checkpoints")
    guard !texts.isEmpty else {
      self.init(duration: duration)
      return
    }
    let times = texts.compactMap { DurationText.parse($0)?.nanoseconds }
    self.init(duration: duration, checkpoints: times)
    guard times.count == texts.count, isValid, times.count <= CDBConfiguration.mostCheckpoints else {
      throw InvalidSetting(
        key: "block.checkpoints", value: texts.joined(separator: ","),
        expected: "at most \(CDBConfiguration.mostCheckpoints) ascending durations such as 24h,48h,72h, none "
          + "beyond block.duration, which is \(DurationText.render(settings.duration("block.duration")))")
    }
  }
}

extension CDBConfiguration {
  static let mostCheckpoints = 100

  /// The settings of blocks.
  static let block = [
    ConfigurationKey(
      "block.duration", .duration(.seconds(1) ... .seconds(31_536_000)), default: "72h",
      help: "How long a block lasts."),
    ConfigurationKey(
      "block.checkpoints", .list,
      help:
        "When a block is looked at, from its start; thirds of its duration unless set: 24h,48h,72h of 72h."),
  ]
}
