/// The equity of an account over time, as far as drawdowns need it: now, at its peak, and where the UTC day began.
///
/// It knows nothing but what it is shown, and it is shown the account's equity whenever a result is booked, time
/// goes on, or a signal is to be decided.
public struct EquityCurve: Sendable, Hashable, Codable {
  public private(set) var equity: Money
  /// The highest equity since the account began.
  public private(set) var peak: Money
  /// The equity that the UTC day began with: the last one seen before it.
  public private(set) var dayStart: Money
  /// Days since the epoch, of the newest equity; nil before the first.
  public private(set) var day: Int64?

  public init(starting cash: Money) {
    equity = cash
    peak = cash
    dayStart = cash
  }

  /// Takes the equity at a time; says whether a new UTC day has begun with it.
  @discardableResult
  public mutating func observe(_ equity: Money, at time: EventTime) -> Bool {
    let today = time.utcDay
    let isNewDay = day.map { $0 < today } ?? false
    // A move between the last look of yesterday and the first of today belongs to today: nobody could act on
    // it before.
    if isNewDay { dayStart = self.equity }
    day = max(day ?? today, today)
    self.equity = equity
    peak = max(peak, equity)
    return isNewDay
  }

  /// How far equity is below where the day began, as a share of that; zero where it is above.
  public var dailyDrawdown: Ratio { Self.fall(from: dayStart, to: equity) }

  /// How far equity is below its peak, as a share of the peak.
  public var drawdown: Ratio { Self.fall(from: peak, to: equity) }

  /// Held at the end of the range. An account that began with nothing has nothing to lose.
  private static func fall(from before: Money, to now: Money) -> Ratio {
    guard before > .zero, now < before else { return .zero }
    return (try? Ratio(lost: before, now: now)) ?? Ratio(mantissa: .max)
  }
}

extension EventTime {
  /// The UTC day, counted from 1970-01-01.
  var utcDay: Int64 {
    let (day, rest) = nanoseconds.quotientAndRemainder(dividingBy: 86_400_000_000_000)
    return rest < 0 ? day - 1 : day
  }
}
