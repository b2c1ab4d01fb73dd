import Glibc

/// The series of one target: by how a line writes them, and by what they are after relabelling.
///
/// What was seen before costs a comparison of bytes. Everything is kept in a few arrays, so a hundred thousand series are no
/// objects at all.
struct SeriesTable {
  /// A range of the arena.
  struct Piece {
    var offset: UInt32
    var length: UInt32

    static let none = Piece(offset: .max, length: 0)
    var isNone: Bool { offset == .max }
  }

  /// A way of writing a series.
  private struct Spelling {
    var text: Piece
    /// Nil where relabelling drops it.
    var series: Int32
    /// The scrape that had it last.
    var seen: UInt32
  }

  /// A series.
  struct Series {
    /// Of ``identity``.
    fileprivate var hash: UInt32
    /// The labels after relabelling, encoded; those of the first route if nothing is relabelled there.
    fileprivate var identity: Piece
    /// The scrape that had a sample of it last.
    var seen: UInt32 = 0
    /// The fragment that its last sample went into.
    var fragment: UInt32 = 0
    /// Whether it was there in the scrape before, so that its end is to be told.
    var isLive = false
    /// Whether its end is to be told at all: not where the target gives the times.
    var isTracked = false
  }

  /// How many encodings a series has: one for each different `write_relabel_configs`.
  let routes: Int
  private var arena: [UInt8] = []
  private var spellings: [Spelling] = []
  private(set) var series: [Series] = []
  /// Encodings by series and route, and what each resembles.
  private var encodings: [Piece] = []
  private var resemblances: [Resemblance] = []
  private var spellingSlots: [Int32]
  private var seriesSlots: [Int32]
  /// Where the spelling of the next line is expected: targets keep their order.
  private var expected = 0

  /// What the texts and encodings may take, in bytes.
  let room: Int

  /// - Parameter room: at most what 32 bits can count.
  init(routes: Int, room: Int = Int(UInt32.max)) {
    self.routes = routes
    self.room = min(room, Int(UInt32.max))
    spellingSlots = Array(repeating: -1, count: 64)
    seriesSlots = Array(repeating: -1, count: 64)
  }

  /// How many spellings are kept.
  var count: Int { spellings.count }
  /// What is kept of texts and encodings, in bytes.
  var byteCount: Int { arena.count }

  mutating func rewind() { expected = 0 }

  // MARK: - Spellings

  /// What a line's begin says, without reading it: nil where it is not the expected one.
  @inline(__always)
  mutating func expectedSeries(_ cursor: inout LineCursor, scrape: UInt32) -> Int32? {
    guard expected < spellings.count else { return nil }
    let text = spellings[expected].text
    let isTaken = arena.withUnsafeBytes { cursor.takes(Self.bytes(of: text, in: $0)) }
    guard isTaken else { return nil }
    spellings[expected].seen = scrape
    expected += 1
    return spellings[expected - 1].series
  }

  /// The series of a spelling: -1 where it is dropped, nil where it is new.
  mutating func lookUp(_ text: UnsafeRawBufferPointer, scrape: UInt32) -> Int32? {
    let hash = Self.hash(text)
    var slot = Int(truncatingIfNeeded: hash) & (spellingSlots.count - 1)
    while spellingSlots[slot] >= 0 {
      let index = Int(spellingSlots[slot])
      if isSame(spellings[index].text, text) {
        spellings[index].seen = scrape
        expected = index + 1
        return spellings[index].series
      }
      slot = (slot + 1) & (spellingSlots.count - 1)
    }
    return nil
  }

  /// Adds a spelling that is not there yet.
  ///
  /// - Parameter series: -1 where it is dropped.
  /// - Returns: false where there is no room for it; then it is not added.
  mutating func addSpelling(_ text: UnsafeRawBufferPointer, series: Int32, scrape: UInt32) -> Bool {
    guard text.count <= room - arena.count else { return false }
    if Self.isCrowded(spellings.count, in: spellingSlots) { growSpellings() }
    insertSpelling(Spelling(text: keep(text), series: series, seen: scrape), hash: Self.hash(text))
    expected = spellings.count
    return true
  }

  private mutating func insertSpelling(_ spelling: Spelling, hash: UInt64) {
    Self.place(Int32(spellings.count), hash, in: &spellingSlots)
    spellings.append(spelling)
  }

  private mutating func growSpellings() {
    spellingSlots = Array(repeating: -1, count: spellingSlots.count * 2)
    for index in spellings.indices {
      let hash = withBytes(of: spellings[index].text, Self.hash)
      Self.place(Int32(index), hash, in: &spellingSlots)
    }
  }

  // MARK: - Series

  /// The series with these labels, which is made where there is none.
  ///
  /// - Parameters:
  ///   - identity: the labels after relabelling, encoded.
  ///   - encoded: the same for each route, with its external labels and rules; nil where the route drops it.
  /// - Returns: nil where there is no room for it; then it is not made.
  mutating func intern(identity: [UInt8], routes encoded: () -> [[UInt8]?]) -> Int32? {
    let hash = UInt32(truncatingIfNeeded: identity.withUnsafeBytes(Self.hash))
    var slot = Int(truncatingIfNeeded: hash) & (seriesSlots.count - 1)
    while seriesSlots[slot] >= 0 {
      let index = Int(seriesSlots[slot])
      if series[index].hash == hash, identity.withUnsafeBytes({ isSame(series[index].identity, $0) }) {
        return Int32(index)
      }
      slot = (slot + 1) & (seriesSlots.count - 1)
    }
    let encoded = encoded()
    let needed = encoded.reduce(identity.count) { $0 + ($1.map { $0 == identity ? 0 : $0.count } ?? 0) }
    guard needed <= room - arena.count else { return nil }
    if Self.isCrowded(series.count, in: seriesSlots) {
      seriesSlots = Array(repeating: -1, count: seriesSlots.count * 2)
      for index in series.indices { Self.place(Int32(index), UInt64(series[index].hash), in: &seriesSlots) }
    }
    Self.place(Int32(series.count), UInt64(hash), in: &seriesSlots)
    let piece = identity.withUnsafeBytes { keep($0) }
    series.append(Series(hash: hash, identity: piece))
    for bytes in encoded {
      resemblances.append(Resemblance())
      guard let bytes else {
        encodings.append(.none)
        continue
      }
      encodings.append(bytes == identity ? piece : bytes.withUnsafeBytes { keep($0) })
    }
    return Int32(series.count - 1)
  }

  /// Takes note of a sample of a series.
  @inline(__always)
  mutating func see(_ index: Int, scrape: UInt32) { series[index].seen = scrape }

  /// - Parameter isTracked: whether the series' end is to be told.
  @inline(__always)
  mutating func see(_ index: Int, scrape: UInt32, isTracked: Bool) {
    series[index].seen = scrape
    series[index].isTracked = isTracked
  }

  mutating func put(_ index: Int, intoFragment fragment: UInt32) { series[index].fragment = fragment }

  /// Which series the scrape before had and this one has not; they are live no more.
  mutating func endScrape(_ scrape: UInt32) -> [Int] {
    var ended: [Int] = []
    for index in series.indices {
      if series[index].seen == scrape {
        series[index].isLive = series[index].isTracked
      } else if series[index].isLive {
        series[index].isLive = false
        ended.append(index)
      }
    }
    return ended
  }

  /// The encoded labels after relabelling.
  func identity(of index: Int) -> [UInt8] { withBytes(of: series[index].identity) { Array($0) } }

  /// Appends a sample of a series to the block of a route.
  ///
  /// - Returns: false where the route drops the series.
  @inline(__always)
  mutating func append(_ index: Int, route: Int, bits: UInt64, time: Int64, to block: inout SeriesBlock)
    -> Bool
  {
    let place = index &* routes &+ route
    let piece = encodings[place]
    guard !piece.isNone else { return false }
    var known = resemblances[place]
    let before = known
    arena.withUnsafeBytes { arena in
      block.append(
        series: Int32(truncatingIfNeeded: index), known: &known, labels: Self.bytes(of: piece, in: arena),
        labelsOf: { Self.bytes(of: encodings[Int($0) * routes + route], in: arena) }, bits: bits, time: time)
    }
    if known != before { resemblances[place] = known }
    return true
  }

  /// The encoded labels of a series for a route; nil where the route drops it.
  func encoding(of index: Int, route: Int) -> Piece? {
    let piece = encodings[index * routes + route]
    return piece.isNone ? nil : piece
  }

  // MARK: - Clearing

  /// Forgets what the last scrape did not have and what is not live, where that is much.
  ///
  /// - Parameter isFull: then also where it is little.
  mutating func forget(scrape: UInt32, isFull: Bool = false) {
    let gone = spellings.reduce(0) { $0 + ($1.seen == scrape ? 0 : 1) }
    guard isFull || (gone > 1_000 && gone * 2 > spellings.count) else { return }
    var fresh = SeriesTable(routes: routes, room: room)
    var moved: [Int32: Int32] = [:]
    for spelling in spellings where spelling.seen == scrape {
      var target = spelling.series
      if target >= 0 {
        // There is room: it holds less than this one.
        guard let made = moved[spelling.series] ?? fresh.take(Int(spelling.series), from: self) else {
          return
        }
        target = made
        moved[spelling.series] = target
      }
      guard withBytes(of: spelling.text, { fresh.addSpelling($0, series: target, scrape: scrape) }) else {
        return
      }
    }
    for index in series.indices where series[index].isLive && moved[Int32(index)] == nil {
      guard fresh.take(index, from: self) != nil else { return }
    }
    self = fresh
  }

  private mutating func take(_ index: Int, from other: SeriesTable) -> Int32? {
    let identity = other.withBytes(of: other.series[index].identity) { Array($0) }
    let encoded = (0..<routes).map { route in
      other.encoding(of: index, route: route).map { piece in other.withBytes(of: piece) { Array($0) } }
    }
    guard let made = intern(identity: identity, routes: { encoded }) else { return nil }
    series[Int(made)].seen = other.series[index].seen
    series[Int(made)].fragment = other.series[index].fragment
    series[Int(made)].isLive = other.series[index].isLive
    series[Int(made)].isTracked = other.series[index].isTracked
    return made
  }

  // MARK: - Bytes

  /// - Precondition: there is room.
  private mutating func keep(_ bytes: UnsafeRawBufferPointer) -> Piece {
    let offset = arena.count
    arena.append(contentsOf: bytes)
    return Piece(offset: UInt32(offset), length: UInt32(bytes.count))
  }

  @inline(__always)
  func withBytes<Result>(of piece: Piece, _ body: (UnsafeRawBufferPointer) -> Result) -> Result {
    arena.withUnsafeBytes { body(Self.bytes(of: piece, in: $0)) }
  }

  @inline(__always)
  private static func bytes(of piece: Piece, in arena: UnsafeRawBufferPointer) -> UnsafeRawBufferPointer {
    let start = Int(piece.offset)
    return UnsafeRawBufferPointer(rebasing: arena[start..<(start &+ Int(piece.length))])
  }

  private func isSame(_ piece: Piece, _ bytes: UnsafeRawBufferPointer) -> Bool {
    guard Int(piece.length) == bytes.count, let start = bytes.baseAddress else { return false }
    return withBytes(of: piece) { $0.baseAddress.map { memcmp($0, start, bytes.count) == 0 } ?? false }
  }

  private static func hash(_ bytes: UnsafeRawBufferPointer) -> UInt64 {
    var hasher = Hasher()
    hasher.combine(bytes: bytes)
    return UInt64(bitPattern: Int64(hasher.finalize()))
  }

  /// Whether there are too few slots for one more than so many.
  private static func isCrowded(_ count: Int, in slots: [Int32]) -> Bool { (count + 1) * 4 > slots.count * 3 }

  private static func place(_ index: Int32, _ hash: UInt64, in slots: inout [Int32]) {
    var slot = Int(truncatingIfNeeded: hash) & (slots.count - 1)
    while slots[slot] >= 0 { slot = (slot + 1) & (slots.count - 1) }
    slots[slot] = index
  }
}
