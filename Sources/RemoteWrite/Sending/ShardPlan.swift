/// How many shards an endpoint has: how many of its batches may be under way at a time. A pure value.
///
/// What an accepted sample costs is the time of its request, shared among the samples of that; what comes in, and what is late, at
/// that cost, is how many requests have to be under way all the time. A shard that is added is so at once, and one is taken away
/// when none was needed for a while.
struct ShardPlan: Sendable {
  /// What was seen between two looks.
  struct Sighting: Sendable {
    /// Samples that came into the queue.
    var enqueued: UInt64 = 0
    /// Samples of requests that were accepted, and how long these took together, in seconds.
    var accepted: UInt64 = 0
    var busy: Double = 0
    /// Samples that wait, and for how long the oldest has, in seconds.
    var waiting: UInt64 = 0
    var age: Double = 0
    /// Whether the receiver has asked to be spared.
    var isHeldBack = false
  }

  /// In seconds: over how long rates are seen.
  private static let memory = 10.0
  /// In which what is late shall be sent.
  private static let catchingUp = 10.0
  /// How long fewer must have been enough before there are fewer.
  private static let patience = 30.0
  /// Of its time a shard shall be busy at most so much, lest a small delay becomes a queue.
  private static let mostBusy = 0.8

  let minimum: Int
  let maximum: Int
  /// What waits for longer is late, in seconds.
  private let tolerated: Double
  private(set) var shards: Int
  /// How many there would be if there were no bounds.
  private(set) var desired: Double
  /// Samples a second, and seconds a sample; nil where nothing was seen yet.
  private var rate: Double?
  private var cost: Double?
  /// For how long fewer have been enough, and how many were needed at most in this time.
  private var calm: (seconds: Double, most: Int) = (0, 0)

  init(_ settings: QueueSettings) {
    minimum = settings.fewestShards
    maximum = settings.mostShards
    tolerated = Double(settings.batchDeadline) / 1_000 + 2
    shards = minimum
    desired = Double(minimum)
  }

  var isAdaptive: Bool { minimum < maximum }

  /// Takes note of what was seen, and says how many shards there are from now on.
  ///
  /// - Parameter seconds: since the last time; more than 0.
  mutating func see(_ sighting: Sighting, seconds: Double) -> Int {
    let rate = Self.average(rate, Double(sighting.enqueued) / seconds, seconds)
    self.rate = rate
    if sighting.accepted > 0 {
      cost = Self.average(cost, sighting.busy / Double(sighting.accepted), seconds)
    }
    let late = sighting.age > tolerated ? Double(sighting.waiting) : 0
    desired = (cost ?? 0) * (rate + late / Self.catchingUp) / Self.mostBusy
    // A receiver that takes nothing takes no more of two, and one that wishes for less gets no more.
    if sighting.accepted > 0, !sighting.isHeldBack {
      shards = max(shards, min(count(desired), shards * 2))
    }
    relax(seconds)
    return shards
  }

  private mutating func relax(_ seconds: Double) {
    // A little less is not enough to have one less.
    let needed = count(desired + 0.3)
    guard needed < shards else {
      calm = (0, 0)
      return
    }
    calm = (calm.seconds + seconds, max(calm.most, needed))
    guard calm.seconds >= Self.patience else { return }
    shards = calm.most
    calm = (0, 0)
  }

  private func count(_ desired: Double) -> Int {
    let bounded = min(max(desired.rounded(.up), Double(minimum)), Double(maximum))
    return Int(bounded)
  }

  private static func average(_ before: Double?, _ now: Double, _ seconds: Double) -> Double {
    guard let before else { return now }
    let weight = seconds / (memory + seconds)
    return before + (now - before) * weight
  }
}
