import Glibc

extension WriteRequest {
  /// The same request in remote write 2.0, as a snappy block: of the same body always the same bytes.
  ///
  /// Symbols are numbered in the order of their coming, and a sample's message is the same in both versions. There is no metadata in
  /// it, since there is none in what is kept.
  /// Source: prometheus.io/docs/specs/prw/remote_write_spec_2_0, "Protocol"
  static func version2(of body: [UInt8]) throws(Fault) -> [UInt8] {
    let bytes: [UInt8]
    do throws(SnappyBlock.Fault) {
      bytes = try SnappyBlock.decompress(body)
    } catch {
      throw .block(error)
    }
    let message = bytes.withUnsafeBytes { version2(of: $0) }
    guard let message else { throw .message }
    return SnappyBlock.compress(message)
  }

  /// Nil where the message is not as it was written: series of labels and samples.
  private static func version2(of bytes: UnsafeRawBufferPointer) -> [UInt8]? {
    var symbols = SymbolTable(bytes)
    var series: [UInt8] = []
    series.reserveCapacity(bytes.count / 4)
    var references: [UInt8] = []
    // The series before has most labels in the same places.
    var last = LabelRow(bytes)
    var request = WireReader(bytes)
    while !request.isAtEnd {
      guard let (number, content) = request.field(), number == 1 else { return nil }
      references.removeAll(keepingCapacity: true)
      var fields = WireReader(bytes, content)
      last.rewind()
      var samples = content.upperBound..<content.upperBound
      while !fields.isAtEnd {
        let start = fields.index
        guard let (number, place) = fields.field() else { return nil }
        guard number == 1 else {
          // What comes behind the labels is samples to the end, with the numbers that they have in 2.0 as well.
          samples = start..<content.upperBound
          break
        }
        if let known = last.takeIfSame(place) {
          WireWriter.append(varint: known.name, to: &references)
          WireWriter.append(varint: known.value, to: &references)
          continue
        }
        guard let (name, value) = label(bytes, place) else { return nil }
        let made = (name: symbols.reference(name), value: symbols.reference(value))
        last.put(place, made)
        WireWriter.append(varint: made.name, to: &references)
        WireWriter.append(varint: made.value, to: &references)
      }
      let length = 1 + WireWriter.varintLength(UInt64(references.count)) + references.count + samples.count
      series.append(WireWriter.lengthTag(5))
      WireWriter.append(varint: UInt64(length), to: &series)
      series.append(WireWriter.lengthTag(1))
      WireWriter.append(varint: UInt64(references.count), to: &series)
      series += references
      series.append(contentsOf: bytes[samples])
    }
    var message: [UInt8] = []
    for symbol in symbols.symbols {
      message.append(WireWriter.lengthTag(4))
      WireWriter.append(varint: UInt64(symbol.count), to: &message)
      message.append(contentsOf: bytes[symbol])
    }
    return message + series
  }

  private static func label(
    _ bytes: UnsafeRawBufferPointer, _ place: Range<Int>
  ) -> (name: Range<Int>, value: Range<Int>)? {
    var fields = WireReader(bytes, place)
    guard let (first, name) = fields.field(), first == 1, let (second, value) = fields.field(), second == 2,
      fields.isAtEnd
    else { return nil }
    return (name, value)
  }
}

/// The labels of the series that was read last, by their places in it, with what they are in 2.0.
private struct LabelRow {
  private let bytes: UnsafeRawBufferPointer
  private var labels: [(place: Range<Int>, name: UInt64, value: UInt64)] = []
  private var next = 0

  init(_ bytes: UnsafeRawBufferPointer) { self.bytes = bytes }

  /// Begins with the next series.
  mutating func rewind() { next = 0 }

  /// The references of the label at this place of the series, if the series before had the same there.
  mutating func takeIfSame(_ place: Range<Int>) -> (name: UInt64, value: UInt64)? {
    guard next < labels.count else { return nil }
    let label = labels[next]
    guard label.place.count == place.count, let base = bytes.baseAddress,
      memcmp(base + label.place.lowerBound, base + place.lowerBound, place.count) == 0
    else { return nil }
    next += 1
    return (label.name, label.value)
  }

  mutating func put(_ place: Range<Int>, _ references: (name: UInt64, value: UInt64)) {
    if next < labels.count {
      labels[next] = (place, references.name, references.value)
    } else {
      labels.append((place, references.name, references.value))
    }
    next += 1
  }
}
