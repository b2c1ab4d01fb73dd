/// One instrument's simulated market: a price that wanders by its regime, the book around it, its trades.
struct SimulatedInstrument: Sendable, Hashable, Codable {
  /// A message that is due.
  enum Message: Sendable, Hashable, Codable {
    case quote(updateID: Int64, bid: BookLevel, ask: BookLevel)
    case trade(id: Int64, price: Price, quantity: Quantity, buyerIsMaker: Bool)
    case snapshot(updateID: Int64, bids: [BookLevel], asks: [BookLevel])
    case depthUpdate(first: Int64, last: Int64, bids: [BookLevel], asks: [BookLevel])
  }

  /// How often changes of the book are published, nanoseconds: the stream `depth@100ms`.
  static let depthInterval: Int64 = 100_000_000
  /// Units of ``position`` per unit of a price's mantissa: a drift may be less than a tick a step.
  private static let fineness: Int64 = 1_000

  /// When the instrument's next message is due.
  private(set) var due: EventTime
  private(set) var regime: MarketSimulator.Regime
  private(set) var book: SimulatedBook
  private var waiting: [Message] = []
  private var random: RandomSource
  private let scale: SimulatedPrices
  /// The price, in thousandths of its mantissa's unit.
  private var position: Int64
  private var nextStep: EventTime
  private var nextDepth: EventTime
  private var lastStep: EventTime
  private var regimeEnds: EventTime
  private var tradeID: Int64

  init(
    _ instrument: Instrument, index: Int, seed: UInt64, start: EventTime,
    profile: MarketSimulator.Profile, numberedFrom: Int64
  ) {
    random = RandomSource(seed: seed)
    scale = SimulatedPrices(instrument)
    position = scale.start * Self.fineness
    regime = index.isMultiple(of: 2) ? .trendingUp : .trendingDown
    if !profile.startsWithTrend { regime = .calm }
    regimeEnds = start.advanced(by: random.integer(in: profile[regime].duration))
    book = SimulatedBook(updateID: numberedFrom + random.integer(in: 1_000_000...9_000_000))
    tradeID = numberedFrom + random.integer(in: 1_000_000...9_000_000)
    due = start
    lastStep = start
    nextStep = start.advanced(by: 20_000_000)
    nextDepth = start.advanced(by: Self.depthInterval)
    _ = moveBook()
    book.markPublished()
    // The quote comes first: it tells whose snapshot it is that follows, which names no symbol.
    waiting = [quote, .snapshot(updateID: book.updateID, bids: book.bids, asks: book.asks)]
  }

  /// Takes the message that is due, and works out when the next one is.
  mutating func next(profile: MarketSimulator.Profile) -> (time: EventTime, message: Message) {
    let time = due
    let message = waiting.removeFirst()
    // What happens at once arrives one after the other.
    due = due.advanced(by: 1_000)
    while waiting.isEmpty {
      if nextDepth <= nextStep {
        due = max(due, nextDepth)
        nextDepth = nextDepth.advanced(by: Self.depthInterval)
        if let changes = book.takeChanges() {
          waiting.append(
            .depthUpdate(
              first: changes.first, last: changes.last, bids: changes.bids, asks: changes.asks))
        }
      } else {
        due = max(due, nextStep)
        step(profile)
      }
    }
    return (time, message)
  }
}

extension SimulatedInstrument {
  /// Moves everything that is to come.
  mutating func delay(by nanoseconds: Int64) {
    due = due.advanced(by: nanoseconds)
    nextStep = nextStep.advanced(by: nanoseconds)
    nextDepth = nextDepth.advanced(by: nanoseconds)
    lastStep = lastStep.advanced(by: nanoseconds)
    regimeEnds = regimeEnds.advanced(by: nanoseconds)
  }

  private var quote: Message {
    .quote(updateID: book.updateID, bid: book.bids[0], ask: book.asks[0])
  }

  /// One step of the market at ``nextStep``.
  private mutating func step(_ profile: MarketSimulator.Profile) {
    let now = nextStep
    if now >= regimeEnds { changeRegime(at: now, profile) }
    let behaviour = profile[regime]
    movePrice(behaviour, duration: now.nanoseconds - lastStep.nanoseconds)
    lastStep = now
    // An even spread around the mean: never together, never far apart.
    let spread = max(1, behaviour.interval * 4 / 5)
    nextStep = now.advanced(by: max(1, behaviour.interval) + random.integer(in: -spread...spread))

    let hasMoved = moveBook()
    if hasMoved { waiting.append(quote) }
    if random.chance(35) {
      trade()
    } else if random.chance(20) {
      book.set(
        random.chance(50) ? .buy : .sell,
        level: Int(random.integer(in: 1...Int64(SimulatedBook.depth - 1))), to: quantity())
    } else if !hasMoved {
      book.set(random.chance(50) ? .buy : .sell, level: 0, to: quantity())
      waiting.append(quote)
    }
  }

  private mutating func movePrice(_ behaviour: MarketSimulator.Behaviour, duration: Int64) {
    let drift = Int128(position) * Int128(behaviour.drift) * Int128(duration) / 1_000_000_000_000_000
    let noise = random.noise(max(0, position / 1_000_000 * behaviour.noise))
    // A tenth around the start: a simulation may run for weeks.
    let start = scale.start * Self.fineness
    let moved = position + Int64(clamping: drift) + noise
    position = min(max(moved, start - start / 10), start + start / 10)
  }

  private mutating func moveBook() -> Bool {
    let isNervous = regime == .volatile || regime == .burst
    let bid = position / Self.fineness / scale.grid * scale.grid
    var random = random
    let scale = scale
    defer { self.random = random }
    return book.move(bestBid: bid, bestAsk: bid + scale.grid * (isNervous ? 2 : 1), grid: scale.grid) {
      scale.quantity(units: random.integer(in: 1...200))
    }
  }

  private mutating func quantity() -> Quantity {
    scale.quantity(units: random.integer(in: 1...200))
  }

  /// Someone takes a part of the best level.
  private mutating func trade() {
    let buyers: Int64 =
      switch regime {
      case .trendingUp: 70
      case .trendingDown: 30
      default: 50
      }
    let side: Side = random.chance(buyers) ? .buy : .sell
    let level = side == .buy ? book.asks[0] : book.bids[0]
    let wanted = scale.quantity(units: random.integer(in: 1...20))
    let taken = min(wanted, level.quantity)
    tradeID += 1
    waiting.append(
      .trade(id: tradeID, price: level.price, quantity: taken, buyerIsMaker: side == .sell))
    let left = Quantity(mantissa: level.quantity.mantissa - taken.mantissa)
    book.set(side == .buy ? .sell : .buy, level: 0, to: left > .zero ? left : quantity())
    waiting.append(quote)
  }

  private mutating func changeRegime(at now: EventTime, _ profile: MarketSimulator.Profile) {
    // Far from where it started, the market turns.
    let start = scale.start * Self.fineness
    let isAllowed = { (regime: MarketSimulator.Regime) in
      switch regime {
      case .trendingUp: position < start + start / 20
      case .trendingDown: position > start - start / 20
      default: true
      }
    }
    let choices = MarketSimulator.Regime.allCases.filter(isAllowed)
    var draw = random.integer(in: 0...max(0, choices.reduce(-1) { $0 + profile[$1].weight }))
    regime = .calm
    for choice in choices {
      draw -= profile[choice].weight
      if draw < 0 {
        regime = choice
        break
      }
    }
    regimeEnds = now.advanced(by: random.integer(in: profile[regime].duration))
  }
}
