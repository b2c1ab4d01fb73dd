/// Which series a series' labels resemble most, and how far: what ``SeriesBlock`` remembers from one scrape to the next.
struct Resemblance: Sendable, Equatable {
  /// The other series; -1 where none is known.
  var series: Int32 = -1
  /// How many messages before it the other one's stands.
  var distance: UInt8 = 0
  /// Bytes that the labels have in common at their begin.
  var prefix: UInt16 = 0
  /// And at the end of the rest.
  var suffix: UInt16 = 0
  /// What they have in common between the two, where it is worth a copy: where it begins here and there, and its length.
  var inner: UInt16 = 0
  var innerOther: UInt16 = 0
  var innerLength: UInt16 = 0
}

/// The samples of a fragment as a snappy block of a `WriteRequest`, written as a block at once.
///
/// A series' message is much like one a few messages before it. Which one that is, and how many bytes they share, stays the same
/// from scrape to scrape. So a message is a few copies out of the other one and, as literals, what is different: some bytes of a
/// label, and of the value. Nothing is searched for, and the labels are not even read.
struct SeriesBlock: Sendable {
  /// A message that is in the block.
  private struct Message {
    var series: Int32
    /// Where it begins in the content.
    var start: Int
    /// The lengths of what is before its labels, and of these.
    var header: Int
    var labels: Int
    var bits: UInt64
    /// Whether it is one that was made elsewhere: nothing is known of what is in it.
    var isForeign = false

    @inline(__always)
    var labelsEnd: Int { start &+ header &+ labels }
  }

  /// How many messages are looked through for the one that resembles most.
  static let memory = 120
  /// How many, where one is not where it was.
  private static let shortMemory = 16
  /// How many are kept at most, and how many of them then: a few more than are looked through, for the first one is never used.
  private static let keptMessages = (most: 512, then: memory + 8)
  /// How far a copy of three bytes reaches, but for what it begins before a message.
  private static let reach = 65_535 - 64
  /// A difference that is shorter is not searched for what it has in common.
  private static let longDifference = 16
  /// And this much of one is.
  private static let mostSearched = 160

  /// The block but for its length; what is behind `count` is room.
  private var bytes: [UInt8] = []
  private var count = 0
  /// The last ones, at least as many as are looked through.
  private var messages: [Message] = []
  /// How many came before them.
  private var forgotten = 0
  /// The length of the block before: there is room for as much at once.
  private var expected = 0
  /// The length of the messages.
  private(set) var contentBytes = 0
  /// How much of the last message's value is in the block, in bytes.
  private var written = 0
  /// What follows a value: a tag, and the time.
  private var tail: [UInt8] = []
  private var time: Int64 = 0

  var samples: Int { forgotten &+ messages.count }

  /// Whether a sample of this time can be appended: all have the same.
  func takes(_ time: Int64) -> Bool { messages.isEmpty || time == self.time }

  /// Appends a message with one sample.
  ///
  /// - Parameters:
  ///   - series: the number by which it is known.
  ///   - known: what was found of it before; changed where that does not hold any more.
  ///   - labels: as ``WireWriter/encode(_:)`` makes them.
  ///   - labelsOf: the same of a series that was appended before.
  ///   - bits: of the value.
  ///   - time: milliseconds since the epoch.
  @inline(__always)
  mutating func append(
    series: Int32, known: inout Resemblance, labels: UnsafeRawBufferPointer,
    labelsOf: (Int32) -> UnsafeRawBufferPointer, bits: UInt64, time: Int64
  ) {
    if messages.isEmpty { begin(time) }
    // A tag, the value, a tag, the time.
    let sample = 9 &+ tail.count
    let content = UInt64(labels.count &+ 2 &+ sample)
    let message = Message(
      series: series, start: contentBytes, header: 1 &+ WireWriter.varintLength(content),
      labels: labels.count,
      bits: bits)
    makeRoom(labels.count &+ 160)
    if let other = other(known, message) ?? search(message, labels, &known, labelsOf) {
      put(message, like: other, known, labels, content)
    } else {
      putWhole(message, labels, content, sample)
    }
    note(message)
    contentBytes = message.labelsEnd &+ 11 &+ tail.count
  }

  /// Appends a `timeseries` field of a `WriteRequest` that was made elsewhere.
  mutating func append(message bytes: [UInt8], time: Int64) {
    if messages.isEmpty { begin(time) }
    putEnd()
    // A block's elements reach no further back than its begin, so they can stand in another one.
    let elements = SnappyBlock.compress(bytes)
    let head = SnappyBlock.header(of: elements)?.length ?? 0
    makeRoom(elements.count + 64)
    count = self.bytes.withUnsafeMutableBytes { [count] in
      var block = BlockWriter($0, count: count)
      elements.withUnsafeBytes { block.put(UnsafeRawBufferPointer(rebasing: $0[head...])) }
      return block.count
    }
    note(Message(series: -1, start: contentBytes, header: 0, labels: bytes.count, bits: 0, isForeign: true))
    contentBytes += bytes.count
    written = 8
  }

  @inline(__always)
  private mutating func note(_ message: Message) {
    if messages.count == Self.keptMessages.most {
      messages.removeFirst(messages.count - Self.keptMessages.then)
      forgotten += Self.keptMessages.most - Self.keptMessages.then
    }
    messages.append(message)
  }

  /// Ends the block, and takes it out. Nothing is kept until the next one: there are many of these, and few are filled at a time.
  mutating func finish() -> [UInt8] {
    makeRoom(64)
    putEnd()
    var block: [UInt8] = []
    block.reserveCapacity(count + 5)
    WireWriter.append(varint: UInt64(contentBytes), to: &block)
    block += bytes[..<count]
    discard()
    expected = block.count
    bytes = []
    messages = []
    return block
  }

  /// Forgets what was appended.
  mutating func discard() {
    count = 0
    messages.removeAll(keepingCapacity: true)
    forgotten = 0
    contentBytes = 0
    written = 0
  }

  private mutating func begin(_ time: Int64) {
    self.time = time
    tail = [0x10]
    WireWriter.append(varint: UInt64(bitPattern: time), to: &tail)
  }

  @inline(__always)
  private mutating func makeRoom(_ more: Int) {
    if bytes.count &- count < more {
      bytes += repeatElement(0, count: max(bytes.count, more, 4_096, bytes.isEmpty ? expected &+ 1_024 : 0))
    }
  }

  // MARK: - Whom it resembles

  /// Where the known one is, if it is where it was.
  @inline(__always)
  private func other(_ known: Resemblance, _ message: Message) -> Int? {
    let index = messages.count &- Int(known.distance)
    guard known.series >= 0, index > 0, messages[index].series == known.series, isUsable(index, by: message)
    else { return nil }
    return index
  }

  /// Whether what stands there can be copied: with the time before it, which the first one has not, and others may not have.
  @inline(__always)
  private func isUsable(_ index: Int, by message: Message) -> Bool {
    index > 0 && !messages[index].isForeign && !messages[index &- 1].isForeign
      && Self.isInReach(messages[index], of: message)
  }

  @inline(__always)
  private static func isInReach(_ other: Message, of message: Message) -> Bool {
    message.labelsEnd &- other.start <= reach
  }

  /// Looks through the messages before for the one that resembles most.
  private func search(
    _ message: Message, _ labels: UnsafeRawBufferPointer, _ known: inout Resemblance,
    _ labelsOf: (Int32) -> UnsafeRawBufferPointer
  ) -> Int? {
    let isFirstTime = known.series < 0
    if !isFirstTime, let moved = moved(known.series, message) {
      known.distance = UInt8(messages.count - moved)
      return moved
    }
    known = Resemblance()
    guard labels.count <= Int(UInt16.max) else { return nil }
    var best: (index: Int, cost: Int)?
    for distance in 1...(isFirstTime ? Self.memory : Self.shortMemory) {
      let index = messages.count - distance
      guard index > 0 else { break }
      guard isUsable(index, by: message) else { continue }
      let others = labelsOf(messages[index].series)
      let most = min(labels.count, others.count)
      var prefix = 0
      while prefix < most, labels[prefix] == others[prefix] { prefix += 1 }
      var suffix = 0
      while suffix < most - prefix, labels[labels.count - 1 - suffix] == others[others.count - 1 - suffix] {
        suffix += 1
      }
      // Labels of another length take another header as well.
      let cost = labels.count - prefix - suffix + (labels.count == others.count ? 0 : 6)
      guard cost < best?.cost ?? labels.count else { continue }
      best = (index, cost)
      known = Resemblance(
        series: messages[index].series, distance: UInt8(distance), prefix: UInt16(prefix),
        suffix: UInt16(suffix))
      // A digit is all that is different.
      if cost <= 1 { break }
    }
    guard let best else { return nil }
    Self.findInner(labels, labelsOf(known.series), &known)
    return best.index
  }

  /// Where the other one stands now, if it is not far.
  private func moved(_ series: Int32, _ message: Message) -> Int? {
    var index = messages.count - 1
    let end = max(messages.count - Self.memory, 1)
    while index >= end {
      if messages[index].series == series { return isUsable(index, by: message) ? index : nil }
      index -= 1
    }
    return nil
  }

  /// The longest text that two long differences have in common.
  private static func findInner(
    _ labels: UnsafeRawBufferPointer, _ others: UnsafeRawBufferPointer, _ known: inout Resemblance
  ) {
    let (prefix, suffix) = (Int(known.prefix), Int(known.suffix))
    let here = prefix..<min(labels.count - suffix, prefix + mostSearched)
    let there = prefix..<min(others.count - suffix, prefix + mostSearched)
    guard here.count >= longDifference, there.count >= longDifference else { return }
    var best = (length: 7, here: 0, there: 0)
    // Of each pair of places how long what ends there is; one row of the table at a time.
    var lengths = [Int](repeating: 0, count: there.count + 1)
    for row in here {
      var diagonal = 0
      for (column, place) in there.enumerated() {
        let above = lengths[column + 1]
        lengths[column + 1] = labels[row] == others[place] ? diagonal + 1 : 0
        if lengths[column + 1] > best.length {
          best = (lengths[column + 1], row + 1 - lengths[column + 1], place + 1 - lengths[column + 1])
        }
        diagonal = above
      }
    }
    guard best.length > 7 else { return }
    known.inner = UInt16(best.here)
    known.innerOther = UInt16(best.there)
    known.innerLength = UInt16(best.length)
  }

  // MARK: - Writing

  /// ```
  /// … value │ time │ header │ labels: prefix, difference, suffix │ sample's header │ value …
  ///      ╰────── copy ─────────────────────╯          ╰──────── copy ───────────────────╯
  /// ```
  /// A long difference has a copy in its middle.
  @inline(__always)
  private mutating func put(
    _ message: Message, like index: Int, _ known: Resemblance, _ labels: UnsafeRawBufferPointer,
    _ content: UInt64
  ) {
    let (prefix, suffix) = (Int(known.prefix), Int(known.suffix))
    let other = messages[index]
    let last = messages[messages.count &- 1]
    let before = last.bits
    // The end of a value is often that of the value before the other message.
    let end = min((before ^ messages[index &- 1].bits).leadingZeroBitCount / 8, 8 &- written)
    let rest = written..<(8 &- end)
    // And its begin that of the other message's.
    written = min((message.bits ^ other.bits).trailingZeroBitCount / 8, 8)
    let (written, tail) = (written, last.isForeign ? 0 : tail.count)
    count = bytes.withUnsafeMutableBytes { [count] in
      var block = BlockWriter($0, count: count)
      withUnsafeBytes(of: before.littleEndian) {
        block.putLiteral(UnsafeRawBufferPointer(rebasing: $0[rest]))
      }
      let distance = message.start &- other.start
      if message.labels == other.labels {
        block.putCopy(end &+ tail &+ message.header &+ prefix, distance: distance)
      } else {
        block.putCopy(end &+ tail, distance: distance)
        block.putLiteralTag(message.header)
        block.put(WireWriter.lengthTag(1))
        block.put(varint: content)
        block.putCopy(prefix, distance: distance &+ message.header &- other.header)
      }
      var differs = prefix
      if known.innerLength > 0 {
        let (inner, innerOther) = (Int(known.inner), Int(known.innerOther))
        block.putLiteral(UnsafeRawBufferPointer(rebasing: labels[prefix..<inner]))
        block.putCopy(
          Int(known.innerLength),
          distance: distance &+ message.header &+ inner &- other.header &- innerOther)
        differs = inner &+ Int(known.innerLength)
      }
      block.putLiteral(UnsafeRawBufferPointer(rebasing: labels[differs..<(labels.count &- suffix)]))
      block.putCopy(suffix &+ 3 &+ written, distance: message.labelsEnd &- other.labelsEnd)
      return block.count
    }
  }

  private mutating func putWhole(
    _ message: Message, _ labels: UnsafeRawBufferPointer, _ content: UInt64, _ sample: Int
  ) {
    putEnd()
    written = 0
    count = bytes.withUnsafeMutableBytes { [count] in
      var block = BlockWriter($0, count: count)
      block.putLiteralTag(message.header + labels.count + 3)
      block.put(WireWriter.lengthTag(1))
      block.put(varint: content)
      block.put(labels)
      block.put(WireWriter.lengthTag(2))
      block.put(UInt8(truncatingIfNeeded: sample))
      block.put(0x09)
      return block.count
    }
  }

  /// What the last message still lacks.
  private mutating func putEnd() {
    guard let last = messages.last, !last.isForeign else { return }
    makeRoom(64)
    count = bytes.withUnsafeMutableBytes { [count, written, tail] in
      var block = BlockWriter($0, count: count)
      withUnsafeBytes(of: last.bits.littleEndian) {
        block.putLiteral(UnsafeRawBufferPointer(rebasing: $0[written...]))
      }
      tail.withUnsafeBytes { block.putLiteral($0) }
      return block.count
    }
  }
}
