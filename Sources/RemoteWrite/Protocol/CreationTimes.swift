/// Since when the counters, histograms and summaries of a request of remote write 1.0 count, by what their `_created` series say.
///
/// In 1.0 these are series beside the others; in 2.0 every sample can say it. A request has no types, so one is believed only
/// where it has the labels of the samples and is an instant in seconds since the epoch that is not after them.
/// Source: the OpenMetrics specification 1.0, "Counter", "Histogram", "Summary"
struct CreationTimes {
  private static let suffix = Array("_created".utf8)
  /// What samples are named that count from then on, behind the name of their family.
  private static let counting = ["_total", "_count", "_sum", "_bucket"].map { Array($0.utf8) }
  private static let bound = Array("le".utf8)

  private let bytes: UnsafeRawBufferPointer
  /// Milliseconds since the epoch, by family and labels.
  private var instants: [[UInt8]: Int64] = [:]

  /// - Parameter bytes: of the request.
  init(_ bytes: UnsafeRawBufferPointer) {
    self.bytes = bytes
    var request = WireReader(bytes)
    while let (number, content) = request.field() {
      if number == 1 { take(content) }
    }
  }

  var isEmpty: Bool { instants.isEmpty }

  /// Since when the samples of a series count, in milliseconds since the epoch; nil where nothing says so.
  ///
  /// - Parameters:
  ///   - name: where the metric's name is.
  ///   - labels: where the `Label` messages are, in their order.
  func instant(of name: Range<Int>, _ labels: [Range<Int>]) -> Int64? {
    for suffix in Self.counting where bytes[name].reversed().starts(with: suffix.reversed()) {
      return instants[key(name.dropLast(suffix.count), labels)]
    }
    return nil
  }

  /// The fields of a series of 2.0, of which each sample says since when it counts: but for markers, and those before that instant.
  static func saying(_ instant: Int64, in fields: [UInt8]) -> [UInt8] {
    fields.withUnsafeBytes { bytes in
      var made: [UInt8] = []
      made.reserveCapacity(bytes.count + 8)
      var reader = WireReader(bytes)
      while let (number, place) = reader.field() {
        guard number == 2, let (bits, time) = sample(bytes, place), bits != SampleValue.stale, instant <= time
        else {
          WireWriter.append(field: UInt64(number), bytes[place], to: &made)
          continue
        }
        var message = Array(bytes[place])
        WireWriter.append(tag: 3, .varint, to: &message)
        WireWriter.append(varint: UInt64(bitPattern: instant), to: &message)
        WireWriter.append(field: 2, message, to: &made)
      }
      return made
    }
  }

  // MARK: - Reading

  private mutating func take(_ content: Range<Int>) {
    var labels: [Range<Int>] = []
    var name: Range<Int>?
    var fields = WireReader(bytes, content)
    while let (number, place) = fields.field() {
      switch number {
      case 1:
        labels.append(place)
        guard name == nil, let found = WriteRequest.metricName(bytes, place) else { continue }
        // Nearly always the first label is the name, and another one.
        guard bytes[found].reversed().starts(with: Self.suffix.reversed()) else { return }
        name = found
      case 2:
        guard let name, let (bits, time) = Self.sample(bytes, place) else { return }
        let instant = (Double(bitPattern: bits) * 1_000).rounded()
        // Not a number is none of these.
        guard instant > 0, instant <= Double(time) else { return }
        instants[key(name.dropLast(Self.suffix.count), labels)] = Int64(instant)
      default: return
      }
    }
  }

  /// Nil where the message has not a value and a time.
  private static func sample(
    _ bytes: UnsafeRawBufferPointer, _ place: Range<Int>
  ) -> (bits: UInt64, time: Int64)? {
    var (bits, time): (UInt64?, Int64?) = (nil, nil)
    var fields = FieldReader(bytes, place)
    while let (number, value) = try? fields.next() {
      switch (number, value) {
      case (1, .fixed64(let found)): bits = found
      case (2, .varint(let found)): time = Int64(bitPattern: found)
      default: return nil
      }
    }
    guard let bits, let time else { return nil }
    return (bits, time)
  }

  /// The family with the labels, but for the metric's name and a bucket's bound.
  private func key(_ family: Range<Int>, _ labels: [Range<Int>]) -> [UInt8] {
    var key: [UInt8] = []
    WireWriter.append(field: 1, bytes[family], to: &key)
    for place in labels {
      guard let (name, _) = WriteRequest.label(bytes, place),
        !bytes[name].elementsEqual(SeriesLabels.nameLabel.utf8), !bytes[name].elementsEqual(Self.bound)
      else { continue }
      WireWriter.append(field: 2, bytes[place], to: &key)
    }
    return key
  }
}
