/// The worst slippage of an instrument's fills within a window of event time.
public struct SlippageWindow: Sendable, Hashable, Codable {
  private struct Observation: Sendable, Hashable, Codable {
    var time: EventTime
    var slippage: Ratio
  }

  /// Ascending by time, descending by slippage: what is older and smaller can never be the worst again.
  private var observations: [Observation] = []

  public init() {}

  public mutating func add(_ slippage: Ratio, at time: EventTime) {
    while let last = observations.last, last.slippage <= slippage { observations.removeLast() }
    observations.append(Observation(time: time, slippage: slippage))
  }

  /// The worst slippage not older than `window` nanoseconds; zero where there was none.
  public mutating func worst(at time: EventTime, window: Int64) -> Ratio {
    let start = time.advanced(by: -max(0, window))
    if let first = observations.first, first.time < start {
      observations.removeFirst(observations.firstIndex { $0.time >= start } ?? observations.count)
    }
    return observations.first?.slippage ?? .zero
  }

  /// How much worse a fill was than the price its order was decided at, as a share of that price; zero where
  /// it was not worse.
  public static func slippage(of price: Price, against reference: Price, side: Side) -> Ratio {
    guard reference.mantissa > 0 else { return .zero }
    guard let change = try? price.change(from: reference) else { return Ratio(mantissa: .max) }
    switch side {
    case .buy: return max(.zero, change)
    case .sell: return change < .zero ? Ratio(mantissa: -max(change.mantissa, -.max)) : .zero
    }
  }
}
