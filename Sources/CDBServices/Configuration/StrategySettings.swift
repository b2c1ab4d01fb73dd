import CDBDomain
import ServiceRuntime

/// Which strategies run, and their parameters, as settings.
enum StrategySettings {
  /// - Parameter isDemo: whether the defaults are those of the profile demo.
  static func keys(isDemo: Bool) -> [ConfigurationKey] {
    [
      ConfigurationKey(
        "strategy.enabled", .list, default: StrategyName.momentum.rawValue,
        help: "The strategies that run: momentum, ema_cross, or both."),
      ConfigurationKey(
        "strategy.momentum.window", .duration(.seconds(1) ... .seconds(86_400)),
        default: isDemo ? "5s" : "30s", help: "How far back the price is compared."),
      ConfigurationKey(
        "strategy.momentum.threshold", .string, default: isDemo ? "0.0004" : "0.0005",
        help: "The relative change over the window from which on there is a signal."),
      ConfigurationKey(
        "strategy.momentum.cooldown", .duration(.zero ... .seconds(86_400)),
        default: isDemo ? "5s" : "30s",
        help: "The shortest time between two signals of an instrument."),
      ConfigurationKey(
        "strategy.momentum.sample_interval", .duration(.milliseconds(1) ... .seconds(60)),
        default: "250ms", help: "How often the price is sampled and judged."),
      ConfigurationKey(
        "strategy.ema_cross.fast", .int(1...100_000), default: "20",
        help: "The window of the fast average, in samples."),
      ConfigurationKey(
        "strategy.ema_cross.slow", .int(2...100_000), default: "80",
        help: "The window of the slow average, in samples; longer than the fast one."),
      ConfigurationKey(
        "strategy.ema_cross.sample_interval", .duration(.milliseconds(1) ... .seconds(3_600)),
        default: isDemo ? "250ms" : "1s", help: "How often the price is sampled and judged."),
      ConfigurationKey(
        "strategy.ema_cross.threshold", .string, default: isDemo ? "0.0001" : "0.0002",
        help: "How far apart the averages must be for a cross to be a signal, as a share of the slow one."),
      ConfigurationKey(
        "strategy.ema_cross.cooldown", .duration(.zero ... .seconds(86_400)),
        default: isDemo ? "5s" : "30s",
        help: "The shortest time between two signals of an instrument."),
    ]
  }
}

extension MomentumParameters {
  init(_ settings: EffectiveConfiguration) throws {
    self.init()
    window = settings.duration("strategy.momentum.window").nanoseconds
    threshold = try settings.ratio("strategy.momentum.threshold", atLeast: 1)
    cooldown = settings.duration("strategy.momentum.cooldown").nanoseconds
    sampleInterval = settings.duration("strategy.momentum.sample_interval").nanoseconds
  }
}

extension EMACrossParameters {
  init(_ settings: EffectiveConfiguration) throws {
    self.init()
    fast = settings.int("strategy.ema_cross.fast")
    slow = settings.int("strategy.ema_cross.slow")
    sampleInterval = settings.duration("strategy.ema_cross.sample_interval").nanoseconds
    threshold = try settings.ratio("strategy.ema_cross.threshold", atLeast: 1)
    cooldown = settings.duration("strategy.ema_cross.cooldown").nanoseconds
    guard fast < slow else {
      throw InvalidSetting(
        key: "strategy.ema_cross.slow", value: "\(slow)",
        expected: "a window longer than that of strategy.ema_cross.fast, \(fast)")
    }
  }
}

extension EffectiveConfiguration {
  /// How much of the market the strategy that is ready first must have seen, seconds; nil where none runs.
  var shortestWindow: Double? {
    ((try? strategies()) ?? []).map { strategy in
      switch strategy {
      case .momentum: duration("strategy.momentum.window") / .seconds(1)
      case .emaCross:
        Double(int("strategy.ema_cross.slow"))
          * (duration("strategy.ema_cross.sample_interval") / .seconds(1))
      }
    }.min()
  }

  /// The strategies that are switched on, in the order of ``StrategyName``.
  func strategies() throws -> [StrategyName] {
    let names = list("strategy.enabled")
    let known = names.compactMap(StrategyName.init(rawValue:))
    guard !names.isEmpty, known.count == names.count, Set(known).count == known.count else {
      throw InvalidSetting(
        key: "strategy.enabled", value: names.joined(separator: ","),
        expected: "one or more of \(StrategyName.allCases.map(\.rawValue).joined(separator: ", ")), each once"
      )
    }
    return StrategyName.allCases.filter(known.contains)
  }
}
