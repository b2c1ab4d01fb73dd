/// Collects the samples of one scrape for one route, and cuts them into fragments.
struct FragmentBuilder {
  private let samplesPerFragment: Int
  private let isAlone: Bool
  private let mostBytes: Int
  /// Whether what has no sample, such as metadata alone, is a fragment too.
  private let keepsBare: Bool
  /// Of samples that all have the scrape's time.
  private var block = SeriesBlock()
  /// Messages of samples with times of their own.
  private var bytes: [UInt8] = []
  private var samples = 0
  /// The families whose metadata are in the fragment that is being filled.
  private var families: Set<Int> = []
  private(set) var fragments: [Fragment] = []

  /// - Parameter mostBytes: of the message of a fragment, where it then ends: receivers take no request that unpacks to more than
  ///   32 MiB.
  init(samplesPerFragment: Int, isAlone: Bool, mostBytes: Int = 8 << 20, keepsBare: Bool = false) {
    self.mostBytes = mostBytes
    self.keepsBare = keepsBare
    self.samplesPerFragment = samplesPerFragment
    self.isAlone = isAlone
  }

  /// Appends a sample of a series of the table, with the scrape's time; nothing where the route drops the series.
  @inline(__always)
  mutating func append(_ series: Int, of table: inout SeriesTable, route: Int, bits: UInt64, time: Int64) {
    if !bytes.isEmpty || !block.takes(time) { cut() }
    guard table.append(series, route: route, bits: bits, time: time, to: &block) else { return }
    samples &+= 1
    if samples >= samplesPerFragment || block.contentBytes >= mostBytes { cut() }
  }

  /// Appends a series' message that is more than a sample, as it stands in a `WriteRequest`; of a scrape with this time.
  mutating func append(message: [UInt8], time: Int64) {
    if !bytes.isEmpty || !block.takes(time) { cut() }
    block.append(message: message, time: time)
    samples += 1
    if samples >= samplesPerFragment || block.contentBytes >= mostBytes { cut() }
  }

  /// Appends a sample with a time of its own.
  mutating func append(labels: UnsafeRawBufferPointer, bits: UInt64, time: Int64) {
    if block.samples > 0 { cut() }
    WireWriter.appendSeries(labels: labels, bits: bits, time: time, to: &bytes)
    samples += 1
    if samples >= samplesPerFragment || bytes.count >= mostBytes { cut() }
  }

  /// Appends a series' message that is more than a sample.
  ///
  /// - Parameters:
  ///   - labels: as ``WireWriter/encode(_:)`` makes them.
  ///   - fields: what stands behind them.
  ///   - count: how many samples are among them: 0 where there are only exemplars.
  mutating func append(labels: [UInt8], fields: [UInt8], time: Int64, samples count: Int = 1) {
    var message: [UInt8] = []
    labels.withUnsafeBytes { WireWriter.appendSeries(labels: $0, fields: fields, to: &message) }
    guard isAlone else { return append(message: message, time: time) }
    if block.samples > 0 { cut() }
    bytes += message
    samples += count
    if samples >= samplesPerFragment || bytes.count >= mostBytes { cut() }
  }

  /// Adds a message `MetricMetadata`, once a fragment; it goes with the samples behind it.
  ///
  /// - Parameter family: names it.
  mutating func append(metadata message: [UInt8], family: Int, time: Int64) {
    if isAlone ? block.samples > 0 : !bytes.isEmpty { cut() }
    guard families.insert(family).inserted else { return }
    var field: [UInt8] = []
    WireWriter.append(field: 3, message, to: &field)
    if isAlone { bytes += field } else { block.append(message: field, time: time) }
    if keepsBare, bytes.count >= mostBytes { cut() }
  }

  /// Ends the fragment that is being filled.
  mutating func cut() {
    guard samples > 0 || (keepsBare && !bytes.isEmpty) else { return }
    let body = block.samples > 0 ? block.finish() : SnappyBlock.compress(bytes)
    fragments.append(Fragment(samples: samples, isAlone: isAlone, body: body))
    bytes.removeAll(keepingCapacity: true)
    families = []
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
    families = []
    samples = 0
    fragments = []
  }
}
