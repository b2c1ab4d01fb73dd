/// Joins fragments into a batch.
struct BatchCutter {
  /// Of a batch that is joined, in bytes of its block.
  static let mostBytes = 4 << 20

  private let samplesPerBatch: Int
  private var bodies: [[UInt8]] = []
  private(set) var samples = 0
  private var bytes = 0
  private var isAlone = false
  /// Hashes of the series in it; of a batch of one fragment they are only made when another one comes.
  private var series: Set<Int>?

  init(samplesPerBatch: Int) { self.samplesPerBatch = samplesPerBatch }

  var isFull: Bool { samples >= samplesPerBatch || isAlone }

  /// Adds a fragment where that may be.
  ///
  /// - Returns: whether it was added. The first one always is.
  mutating func add(_ fragment: Fragment) -> Bool {
    guard !bodies.isEmpty else {
      take(fragment)
      isAlone = fragment.isAlone
      return true
    }
    guard !isFull, !fragment.isAlone, samples + fragment.samples <= samplesPerBatch,
      bytes + fragment.body.count <= Self.mostBytes
    else { return false }
    if series == nil, let first = SeriesHashes.of(bodies[0]) { series = first }
    // What is not understood is sent by itself, as it is.
    guard let others = SeriesHashes.of(fragment.body), series?.isDisjoint(with: others) == true else {
      return false
    }
    series?.formUnion(others)
    take(fragment)
    return true
  }

  private mutating func take(_ fragment: Fragment) {
    bodies.append(fragment.body)
    samples += fragment.samples
    bytes += fragment.body.count
  }
}

/// The series of a fragment, by the bytes of their labels: the same labels have the same bytes.
enum SeriesHashes {
  /// Nil where the block or its messages are not as they were written.
  static func of(_ body: [UInt8]) -> Set<Int>? {
    guard let bytes = try? SnappyBlock.decompress(body) else { return nil }
    var hashes = Set<Int>()
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
        var hasher = Hasher()
        hasher.combine(bytes: UnsafeRawBufferPointer(rebasing: bytes[content.lowerBound..<end]))
        hashes.insert(hasher.finalize())
      }
      return true
    }
    return isWhole ? hashes : nil
  }
}
