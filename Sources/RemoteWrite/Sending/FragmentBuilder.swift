/// Collects the samples of one scrape for one route, and cuts them into fragments.
struct FragmentBuilder {
  /// Of the message of a fragment, in bytes: receivers take no request that unpacks to more than 32 MiB.
  static let mostBytes = 8 << 20

  private let samplesPerFragment: Int
  private let isAlone: Bool
  /// Of samples that all have the scrape's time.
  private var block = SeriesBlock()
  /// Messages of samples with times of their own.
  private var bytes: [UInt8] = []
  private var samples = 0
  private(set) var fragments: [Fragment] = []

  init(samplesPerFragment: Int, isAlone: Bool) {
    self.samplesPerFragment = samplesPerFragment
    self.isAlone = isAlone
  }

  /// Appends a sample of a series of the table, with the scrape's time; nothing where the route drops the series.
  @inline(__always)
  mutating func append(_ series: Int, of table: inout SeriesTable, route: Int, bits: UInt64, time: Int64) {
    if !bytes.isEmpty || !block.takes(time) { cut() }
    guard table.append(series, route: route, bits: bits, time: time, to: &block) else { return }
    samples &+= 1
    if samples >= samplesPerFragment || block.contentBytes >= Self.mostBytes { cut() }
  }

  /// Appends a series' message that is more than a sample, as it stands in a `WriteRequest`; of a scrape with this time.
  mutating func append(message: [UInt8], time: Int64) {
    if !bytes.isEmpty || !block.takes(time) { cut() }
    block.append(message: message, time: time)
    samples += 1
    if samples >= samplesPerFragment || block.contentBytes >= Self.mostBytes { cut() }
  }

  /// Appends a sample with a time of its own.
  mutating func append(labels: UnsafeRawBufferPointer, bits: UInt64, time: Int64) {
    if block.samples > 0 { cut() }
    WireWriter.appendSeries(labels: labels, bits: bits, time: time, to: &bytes)
    samples += 1
    if samples >= samplesPerFragment || bytes.count >= Self.mostBytes { cut() }
  }

  /// Ends the fragment that is being filled.
  mutating func cut() {
    guard samples > 0 else { return }
    let body = block.samples > 0 ? block.finish() : SnappyBlock.compress(bytes)
    fragments.append(Fragment(samples: samples, isAlone: isAlone, body: body))
    bytes.removeAll(keepingCapacity: true)
    samples = 0
  }

  /// Takes the fragments out.
  mutating func finish() -> [Fragment] {
    cut()
    defer { fragments = [] }
    return fragments
  }

  /// Forgets everything that was appended.
  mutating func discard() {
    block.discard()
    bytes.removeAll(keepingCapacity: true)
    samples = 0
    fragments = []
  }
}
