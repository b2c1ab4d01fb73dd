/// The two figures of a limit with hysteresis: beyond `limit` a layer trips, and down to `release` it stays so.
public struct RiskBound: Sendable, Hashable, Codable {
  public var limit: Ratio
  public var release: Ratio

  public init(limit: Ratio, release: Ratio) {
    self.limit = limit
    self.release = release
  }
}

/// Whether a layer is tripped: from the first figure beyond the limit until one has come down to the release.
///
/// Without it a figure that swings around its limit would let every other order pass.
public struct Latch: Sendable, Hashable, Codable {
  /// Since when it has been tripped; nil while it is not.
  public private(set) var since: EventTime?
  /// The last figure it was shown; zero before the first.
  public private(set) var figure = Ratio.zero

  public init() {}

  public var isTripped: Bool { since != nil }

  /// Takes a figure at a time; says whether the latch is tripped now. A figure at the end of its range is
  /// beyond every limit, the largest too.
  @discardableResult
  public mutating func take(_ figure: Ratio, _ bound: RiskBound, at time: EventTime) -> Bool {
    self.figure = figure
    if figure > bound.limit || figure.mantissa == .max {
      since = since ?? time
    } else if figure <= bound.release {
      since = nil
    }
    return isTripped
  }

  /// Takes a figure for reports only: neither trips nor releases.
  public mutating func note(_ figure: Ratio) { self.figure = figure }

  /// Releases it, whatever the figure: what it was about is over.
  public mutating func reset() { since = nil }
}
