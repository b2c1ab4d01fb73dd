import CDBDomain
import CDBPipeline

/// What the page remembers of the minutes and the hour before: how fast events go, and how the account's value went.
///
/// A value: time comes with each look.
struct PageHistory: Sendable {
  /// Over how long a rate is taken, nanoseconds.
  static let window: UInt64 = 5_000_000_000
  /// How long the account's value is remembered, nanoseconds.
  static let span: Int64 = 3_600_000_000_000
  /// One point of the curve, nanoseconds.
  static let step: Int64 = 15_000_000_000

  /// Events a second, in and out of a stage.
  struct Rate: Sendable, Hashable {
    var received: Double
    var emitted: Double
  }

  /// The account at an instant, in the quote asset.
  struct Point: Sendable, Hashable {
    var time: EventTime
    var equity: Double
    /// How far it is below its peak, 0…1.
    var drawdown: Double
  }

  private struct Count {
    var monotonic: UInt64
    var stages: [StageName: (received: UInt64, emitted: UInt64)]
  }

  private var counts: [Count] = []
  /// Oldest first.
  private(set) var curve: [Point] = []

  /// Takes in what a look has found; `monotonic` is nanoseconds of a clock that goes evenly.
  mutating func look(_ status: PipelineStatus, wall: EventTime, monotonic: UInt64) {
    var stages: [StageName: (received: UInt64, emitted: UInt64)] = [:]
    for stage in status.stages {
      stages[stage.stage] = (stage.sinceStart.received, stage.sinceStart.emittedByKind.total)
    }
    counts.append(Count(monotonic: monotonic, stages: stages))
    while counts.count > 2, monotonic &- counts[1].monotonic >= Self.window { counts.removeFirst() }
    if let account = status.account { note(account, wall) }
  }

  private mutating func note(_ account: AccountStatus, _ wall: EventTime) {
    let point = Point(
      time: wall, equity: account.equity.approximate,
      drawdown: account.peakEquity.mantissa > 0
        ? max(0, 1 - account.equity.approximate / account.peakEquity.approximate) : 0)
    // A clock that was put back, or far ahead, begins a new curve.
    if let last = curve.last, wall < last.time { curve = [] }
    // One point a step: the last one stands for now, until its step ends.
    if let last = curve.last, last.time.nanoseconds / Self.step == wall.nanoseconds / Self.step {
      curve[curve.count - 1] = point
    } else {
      curve.append(point)
    }
    curve.removeAll { wall.nanoseconds &- $0.time.nanoseconds > Self.span }
  }

  /// How fast events went through a stage over the last seconds; nil before there are two looks.
  func rate(of stage: StageName) -> Rate? {
    guard let first = counts.first, let last = counts.last, last.monotonic > first.monotonic,
      let before = first.stages[stage], let now = last.stages[stage]
    else { return nil }
    let seconds = Double(last.monotonic &- first.monotonic) / 1e9
    return Rate(
      received: Double(now.received &- min(before.received, now.received)) / seconds,
      emitted: Double(now.emitted &- min(before.emitted, now.emitted)) / seconds)
  }
}

extension Money {
  /// For pictures; never for books.
  var approximate: Double { Double(mantissa) / Double(DecimalText.powerOfTen(Money.scale)) }
}
