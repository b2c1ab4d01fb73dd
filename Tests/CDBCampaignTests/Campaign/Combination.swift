import CDBDomain

/// A fault with its time.
struct TimedFault: Hashable, CustomStringConvertible {
  var kind: FaultKind
  /// Seconds from the moment at which the gate had opened.
  var onset: Double
  var duration: Double
  /// Of a clock that jumps, seconds; of a skew, milliseconds.
  var amount: Int64

  var end: Double { onset + duration }
  var description: String { "\(kind) at \(onset) s for \(duration) s" }
}

/// Some faults together, made of a seed.
struct Combination: CustomStringConvertible {
  let seed: UInt64
  let faults: [TimedFault]

  /// One to four faults of different places, which overlap.
  init(seed: UInt64) {
    self.seed = seed
    var random = RandomSource(seed: seed)
    var kinds: [FaultKind] = []
    let wanted = random.integer(in: 1...4)
    while kinds.count < wanted {
      let kind = FaultKind.all[Int(random.integer(in: 0...Int64(FaultKind.all.count - 1)))]
      if kinds.allSatisfy({ !$0.excludes(kind) && !kind.excludes($0) }) { kinds.append(kind) }
    }
    faults = kinds.map { kind in
      // What is in the settings is there from the start.
      let onset = kind.isInSettings ? 0 : Double(random.integer(in: 4...60)) / 4
      let duration: Double =
        switch kind {
        case .crash: Double(random.integer(in: 4...24)) / 4
        case .clockForward, .clockBack: 15
        // Until the check is due again, and what was said before must have been said.
        case _ where kind.isFoundByCheck: Double(random.integer(in: 45...70))
        default: Double(random.integer(in: 15...45))
        }
      let amount: Int64 =
        switch kind {
        case .clockForward: random.integer(in: 5...7_200)
        case .clockBack: -random.integer(in: 3...25)
        case .skew: random.integer(in: -5_000...5_000)
        default: 0
        }
      return TimedFault(kind: kind, onset: onset, duration: duration, amount: amount)
    }.sorted { ($0.onset, "\($0.kind)") < ($1.onset, "\($1.kind)") }
  }

  var description: String { faults.map(\.description).joined(separator: ", ") }
  func has(_ kind: FaultKind) -> Bool { faults.contains { $0.kind == kind } }
  /// When the last of them is over.
  var end: Double { faults.map(\.end).max() ?? 0 }
}
