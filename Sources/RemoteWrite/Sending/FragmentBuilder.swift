/// Collects the samples of one scrape for one route, and cuts them into fragments.
struct FragmentBuilder {
  private let samplesPerFragment: Int
  private let isAlone: Bool
  private var bytes: [UInt8] = []
  private var samples = 0
  private(set) var fragments: [Fragment] = []

  init(samplesPerFragment: Int, isAlone: Bool) {
    self.samplesPerFragment = samplesPerFragment
    self.isAlone = isAlone
  }

  @inline(__always)
  mutating func append(labels: SeriesTable.Piece, of table: SeriesTable, bits: UInt64, time: Int64) {
    table.withBytes(of: labels) { append(labels: $0, bits: bits, time: time) }
  }

  @inline(__always)
  mutating func append(labels: UnsafeRawBufferPointer, bits: UInt64, time: Int64) {
    WireWriter.appendSeries(labels: labels, bits: bits, time: time, to: &bytes)
    samples += 1
    if samples >= samplesPerFragment { cut() }
  }

  /// Ends the fragment that is being filled.
  mutating func cut() {
    guard samples > 0 else { return }
    fragments.append(Fragment(samples: samples, isAlone: isAlone, body: SnappyBlock.compress(bytes)))
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
    bytes.removeAll(keepingCapacity: true)
    samples = 0
    fragments = []
  }
}
