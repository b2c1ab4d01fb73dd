/// The parameters of ``MomentumStrategy``.
public struct MomentumParameters: Sendable, Hashable, Codable {
  /// How far back the price is compared, nanoseconds.
  public var window: Int64 = 30_000_000_000
  /// How often the price is sampled and judged, nanoseconds.
  public var sampleInterval: Int64 = 250_000_000
  /// The relative change over the window from which on there is a signal.
  public var threshold = Ratio(basisPoints: 5)
  /// The shortest time between two signals, nanoseconds.
  public var cooldown: Int64 = 30_000_000_000
  public init() {}
}

/// Buys what has risen over a window, sells what has fallen.
///
/// Judged at the first price of every sample interval, by event time alone: the same prices give the
/// same signals, whatever the batch or the machine.
public struct MomentumStrategy: Strategy {
  public static let name = StrategyName.momentum

  private struct Sample: Sendable, Hashable, Codable {
    var time: EventTime
    var price: Price
  }

  public var parameters: MomentumParameters
  /// Ascending by time; the first is the newest one that is at least a window old, once there is one.
  private var samples: [Sample] = []
  private var lastSignal: EventTime?
  /// The change over the window when last judged; nil until a whole window was seen.
  public private(set) var lastChange: Ratio?

  public init(parameters: MomentumParameters) { self.parameters = parameters }

  public mutating func observe(_ price: Price, at time: EventTime) -> Suggestion? {
    if let last = samples.last {
      guard time >= last.time.advanced(by: parameters.sampleInterval) else { return nil }
      // Prices from before an outage say nothing about momentum.
      if time > last.time.advanced(by: parameters.window) { samples.removeAll() }
    }
    samples.append(Sample(time: time, price: price))
    let cutoff = time.advanced(by: -max(0, parameters.window))
    var obsolete = 0
    while obsolete + 1 < samples.count, samples[obsolete + 1].time <= cutoff { obsolete += 1 }
    if obsolete > 0 { samples.removeFirst(obsolete) }

    guard let base = samples.first, base.time <= cutoff,
      let change = try? price.change(from: base.price)
    else {
      lastChange = nil
      return nil
    }
    lastChange = change
    guard change.mantissa.magnitude >= parameters.threshold.mantissa.magnitude,
      let strength = change.magnitude(relativeTo: parameters.threshold)
    else { return nil }
    if let lastSignal, time < lastSignal.advanced(by: parameters.cooldown) { return nil }
    lastSignal = time
    return Suggestion(
      side: change.mantissa > 0 ? .buy : .sell, strength: strength, referencePrice: price,
      features: ["change": change, "threshold": parameters.threshold])
  }

  /// How large the change over the window is.
  public var nearness: Ratio? { lastChange?.magnitude(relativeTo: parameters.threshold) }
}
