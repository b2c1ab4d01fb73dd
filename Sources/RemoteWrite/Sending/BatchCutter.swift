/// Joins fragments into a batch.
struct BatchCutter {
  /// Of a batch that is joined, in bytes of its block.
  static let mostBytes = 4 << 20

  private let samplesPerBatch: Int
  /// Those of batches that are under way: none of their series may be in this one.
  private let others: [SeriesSet]
  private var bodies: [[UInt8]] = []
  private(set) var samples = 0
  private var bytes = 0
  private var isAlone = false
  /// The series in it; of a batch of one fragment they are only looked at when another one comes, or who adds it has looked.
  private(set) var series: SeriesSet?

  init(samplesPerBatch: Int, apartFrom others: [SeriesSet] = []) {
    self.samplesPerBatch = samplesPerBatch
    self.others = others
  }

  var isFull: Bool { samples >= samplesPerBatch || isAlone }

  /// Adds a fragment where that may be.
  ///
  /// - Parameter hashes: its series, where one knows them.
  /// - Returns: whether it was added. The first one always is.
  mutating func add(_ fragment: Fragment, series hashes: [UInt64]? = nil) -> Bool {
    guard !bodies.isEmpty else {
      take(fragment)
      isAlone = fragment.isAlone
      if let hashes { series = SeriesSet(hashes) }
      return true
    }
    guard !isFull, !fragment.isAlone, samples + fragment.samples <= samplesPerBatch,
      bytes + fragment.body.count <= Self.mostBytes
    else { return false }
    if series == nil { series = SeriesHashes.of(bodies[0]).map(SeriesSet.init) }
    // What is not understood is sent by itself, as it is.
    guard let hashes = SeriesHashes.of(fragment.body), series?.isDisjoint(with: hashes) == true,
      others.allSatisfy({ $0.isDisjoint(with: hashes) })
    else { return false }
    series?.insert(hashes)
    take(fragment)
    return true
  }

  private mutating func take(_ fragment: Fragment) {
    bodies.append(fragment.body)
    samples += fragment.samples
    bytes += fragment.body.count
  }
}

/// Hashes of series. Two that are the same by chance only end a batch early.
struct SeriesSet: Sendable {
  /// 0 where there is none.
  private var slots = [UInt64](repeating: 0, count: 1_024)
  private var count = 0

  init(_ hashes: [UInt64] = []) { insert(hashes) }

  func isDisjoint(with hashes: [UInt64]) -> Bool { !hashes.contains(where: contains) }

  mutating func insert(_ hashes: [UInt64]) {
    while (count + hashes.count) * 2 > slots.count { grow() }
    for hash in hashes { place(hash) }
  }

  private func contains(_ hash: UInt64) -> Bool {
    var slot = slot(of: hash)
    while slots[slot] != 0 {
      if slots[slot] == hash { return true }
      slot = (slot + 1) & (slots.count - 1)
    }
    return false
  }

  private mutating func place(_ hash: UInt64) {
    var slot = slot(of: hash)
    while slots[slot] != 0 {
      if slots[slot] == hash { return }
      slot = (slot + 1) & (slots.count - 1)
    }
    slots[slot] = hash
    count += 1
  }

  private mutating func grow() {
    let old = slots
    slots = Array(repeating: 0, count: old.count * 2)
    count = 0
    for hash in old where hash != 0 { place(hash) }
  }

  private func slot(of hash: UInt64) -> Int { Int(truncatingIfNeeded: hash >> 20) & (slots.count - 1) }
}

/// The series of a fragment, by the bytes of their labels: the same labels have the same bytes.
enum SeriesHashes {
  /// None is 0. Nil where the block or its messages are not as they were written.
  static func of(_ body: [UInt8]) -> [UInt64]? {
    guard let bytes = try? SnappyBlock.decompress(body) else { return nil }
    var hashes: [UInt64] = []
    let isWhole = bytes.withUnsafeBytes { bytes -> Bool in
      var request = WireReader(bytes)
      while !request.isAtEnd {
        guard let (number, content) = request.field() else { return false }
        // Metadata may come as often as they like.
        if number == 3 { continue }
        guard number == 1 else { return false }
        var series = WireReader(bytes, content)
        var end = content.lowerBound
        // Labels come first, and what comes behind them is no part of what a series is.
        while let (number, _) = series.field(), number == 1 { end = series.index }
        hashes.append(hash(UnsafeRawBufferPointer(rebasing: bytes[content.lowerBound..<end])))
      }
      return true
    }
    return isWhole ? hashes : nil
  }

  /// Another one in each process, so that no target can know which series would have the same.
  private static let seed = UInt64.random(in: .min ... .max)

  private static func hash(_ bytes: UnsafeRawBufferPointer) -> UInt64 {
    var hash = seed ^ UInt64(bytes.count)
    var index = 0
    while index + 8 <= bytes.count {
      mix(&hash, bytes.loadUnaligned(fromByteOffset: index, as: UInt64.self))
      index += 8
    }
    var rest: UInt64 = 0
    while index < bytes.count {
      rest = rest << 8 | UInt64(bytes[index])
      index += 1
    }
    mix(&hash, rest)
    return max(hash, 1)
  }

  @inline(__always)
  private static func mix(_ hash: inout UInt64, _ word: UInt64) {
    // Both halves of a product: every bit of a word comes to every bit of the hash.
    let product = (hash ^ word).multipliedFullWidth(by: 0x9E37_79B9_7F4A_7C15)
    hash = product.high ^ product.low &+ 0xD1B5_4A32_D192_ED03
  }
}
