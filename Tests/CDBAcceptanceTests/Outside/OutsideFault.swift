/// A fault that acts from outside on the real process: what makes it, what undoes it, and what `cdb why` must say of it.
struct OutsideFault: Sendable {
  /// What is to be seen while it lasts.
  enum Effect: Sendable, Hashable {
    /// `why` names the layer and one of the reasons, and the gate is not open.
    case named(layer: String, reasons: Set<String>)
    /// Nothing: it must be no reason for an alarm, and trading goes on.
    case unnoticed
    /// The run cannot answer. What it was must stand in the answers over time afterwards, by this reason.
    case unanswered(later: String)
    /// The run ends, or does not start, with 2 and a line that has these words in it.
    case refusal(words: String)
  }

  /// How the gate comes to be open again once the fault is undone.
  enum WayBack: Int, Sendable, Comparable {
    case byItself
    /// A process must start again first.
    case afterRestart
    /// And then a person must open it.
    case byPerson

    static func < (a: Self, b: Self) -> Bool { a.rawValue < b.rawValue }
  }

  typealias Act = @Sendable (OutsideWorld) async throws -> Void

  var name: String
  var effect: Effect
  var wayBack = WayBack.byItself
  /// Whether the reason says where, and not why; nil where both are right.
  var isCauseKnown: Bool?
  /// What is as right: which of them comes first is up to what needs the next file.
  var also: [Effect] = []
  /// Whether the process may end of it by a trap: libdispatch ends a busy one that cannot open `/proc`.
  var mayTrap = false
  /// What else it breaks, in layers behind: that may be said before.
  var along: [Effect] = []
  /// Whether the gate can be shut while it lasts: not where nothing of the process runs that could.
  var canShut = true
  /// From the fault to the right answer, at the longest.
  var limit = Duration.seconds(10)
  var disk = DiskKind.memory
  var needsWire = false
  var environment: [String: String] = [:]
  /// Whether it can be there together with another one.
  var joins = false
  var inject: Act
  var cure: Act

  /// The layers in the order in which the first broken one is the answer.
  static let layers = ["system", "market_data", "signal", "risk", "execution", "database"]
}

/// One or two faults at the same time, and the answer that follows: of the first broken layer.
struct OutsideCase: Sendable, CustomStringConvertible {
  var faults: [OutsideFault]

  var description: String { faults.map(\.name).joined(separator: " + ") }

  var effect: OutsideFault.Effect {
    var best: (rank: Int, layer: String, reasons: Set<String>)?
    for fault in faults {
      guard case .named(let layer, let reasons) = fault.effect else { continue }
      let rank = OutsideFault.layers.firstIndex(of: layer) ?? 0
      if let found = best, found.rank < rank { continue }
      let others = best?.rank == rank ? best?.reasons ?? [] : []
      best = (rank, layer, reasons.union(others))
    }
    if let best { return .named(layer: best.layer, reasons: best.reasons) }
    return faults.first { $0.effect != .unnoticed }?.effect ?? .unnoticed
  }

  /// What may be seen on the way to the answer: any of the faults by itself.
  var partial: [(layer: String, reasons: Set<String>)] {
    faults.flatMap { [$0.effect] + $0.along }.compactMap {
      if case .named(let layer, let reasons) = $0 { (layer, reasons) } else { nil }
    }
  }

  /// What is right too where there is one fault alone.
  var also: [(layer: String, reasons: Set<String>)] {
    guard faults.count == 1 else { return [] }
    return faults[0].also.compactMap {
      if case .named(let layer, let reasons) = $0 { (layer, reasons) } else { nil }
    }
  }

  var mayTrap: Bool { faults.contains(where: \.mayTrap) }
  var canShut: Bool { faults.allSatisfy(\.canShut) }
  var wayBack: OutsideFault.WayBack { faults.map(\.wayBack).max() ?? .byItself }
  var limit: Duration { faults.map(\.limit).max() ?? .seconds(10) }
  var isCauseKnown: Bool? { faults.count == 1 ? faults[0].isCauseKnown : nil }
  var options: OutsideWorld.Options {
    OutsideWorld.Options(
      disk: faults.first { $0.disk != .memory }?.disk ?? .memory,
      environment: faults.reduce(into: [:]) { $0.merge($1.environment) { $1 } })
  }

  /// Draws cases: each kind once in the order of the draw, then pairs and kinds again.
  static func draw(_ count: Int, of kinds: [OutsideFault], seed: UInt64) -> [OutsideCase] {
    var random = SeededGenerator(seed: seed)
    var cases = kinds.shuffled(using: &random).prefix(count).map { OutsideCase(faults: [$0]) }
    let joining = kinds.filter(\.joins)
    while cases.count < count {
      let first = joining.randomElement(using: &random)
      let others = joining.filter { $0.name != first?.name }
      if let first, let second = others.randomElement(using: &random),
        Int.random(in: 0..<10, using: &random) < 7
      {
        cases.append(OutsideCase(faults: [first, second]))
      } else if let again = kinds.randomElement(using: &random) {
        cases.append(OutsideCase(faults: [again]))
      } else {
        return cases
      }
    }
    return cases
  }
}
