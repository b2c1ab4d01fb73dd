import Glibc

extension WriteRequest {
  /// The same request in remote write 2.0, as a snappy block: of the same body always the same bytes.
  ///
  /// Symbols are numbered in the order of their coming, and a sample's message is the same in both versions. Metadata, which are
  /// messages of their own in 1.0, stand in the series of their families; what `_created` series say stands in samples as well.
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
    guard let metadata = metadata(bytes) else { return nil }
    let created = CreationTimes(bytes)
    var labels: [Range<Int>] = []
    // The series before has most labels in the same places.
    var last = LabelRow(bytes)
    var request = WireReader(bytes)
    while !request.isAtEnd {
      guard let (number, content) = request.field() else { return nil }
      if number == 3 { continue }
      guard number == 1 else { return nil }
      references.removeAll(keepingCapacity: true)
      var fields = WireReader(bytes, content)
      var fieldsBehind: [UInt8]?
      var name: Range<Int>?
      labels.removeAll(keepingCapacity: true)
      last.rewind()
      var samples = content.upperBound..<content.upperBound
      while !fields.isAtEnd {
        let start = fields.index
        guard let (number, place) = fields.field() else { return nil }
        if number == 2, fields.isAtEnd {
          // A sample alone, with the numbers that it has in 2.0 as well.
          samples = start..<content.upperBound
          break
        }
        guard number == 1 else {
          guard let behind = Self.fields(bytes, start..<content.upperBound, &symbols) else { return nil }
          fieldsBehind = behind
          break
        }
        if !metadata.isEmpty || !created.isEmpty, name == nil { name = Self.metricName(bytes, place) }
        if !created.isEmpty { labels.append(place) }
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
      if let name, let instant = created.instant(of: name, labels) {
        fieldsBehind = CreationTimes.saying(instant, in: fieldsBehind ?? Array(bytes[samples]))
      }
      if let name, let known = metadata.message(of: name, &symbols) {
        var fields = fieldsBehind ?? Array(bytes[samples])
        WireWriter.append(field: 5, known, to: &fields)
        fieldsBehind = fields
      }
      let behind = fieldsBehind?.count ?? samples.count
      let length = 1 + WireWriter.varintLength(UInt64(references.count)) + references.count + behind
      series.append(WireWriter.lengthTag(5))
      WireWriter.append(varint: UInt64(length), to: &series)
      series.append(WireWriter.lengthTag(1))
      WireWriter.append(varint: UInt64(references.count), to: &series)
      series += references
      if let fieldsBehind { series += fieldsBehind } else { series.append(contentsOf: bytes[samples]) }
    }
    var message: [UInt8] = []
    for symbol in symbols.symbols {
      message.append(WireWriter.lengthTag(4))
      WireWriter.append(varint: UInt64(symbol.count), to: &message)
      message.append(contentsOf: bytes[symbol])
    }
    return message + series
  }

  /// The value of the label, if it is the metric's name.
  static func metricName(_ bytes: UnsafeRawBufferPointer, _ place: Range<Int>) -> Range<Int>? {
    guard let (name, value) = label(bytes, place),
      bytes[name].elementsEqual(SeriesLabels.nameLabel.utf8)
    else { return nil }
    return value
  }

  /// Nil where a message is none.
  private static func metadata(_ bytes: UnsafeRawBufferPointer) -> RequestMetadata? {
    var metadata = RequestMetadata(bytes)
    var request = WireReader(bytes)
    while let (number, place) = request.field() {
      if number == 3, !metadata.take(place) { return nil }
    }
    return metadata
  }

  /// Samples, histograms and exemplars with the numbers that they have in 2.0.
  private static func fields(
    _ bytes: UnsafeRawBufferPointer, _ range: Range<Int>, _ symbols: inout SymbolTable
  ) -> [UInt8]? {
    var made: [UInt8] = []
    var reader = WireReader(bytes, range)
    while !reader.isAtEnd {
      guard let (number, place) = reader.field() else { return nil }
      switch number {
      case 2: WireWriter.append(field: 2, bytes[place], to: &made)
      case 3:
        guard let exemplar = exemplar(bytes, place, &symbols) else { return nil }
        WireWriter.append(field: 4, exemplar, to: &made)
      case 4: WireWriter.append(field: 3, bytes[place], to: &made)
      default: return nil
      }
    }
    return made
  }

  private static func exemplar(
    _ bytes: UnsafeRawBufferPointer, _ range: Range<Int>, _ symbols: inout SymbolTable
  ) -> [UInt8]? {
    var references: [UInt8] = []
    var reader = WireReader(bytes, range)
    var start = range.lowerBound
    // Labels come first; value and time have the numbers that they have in 2.0 as well.
    while let (number, place) = reader.field() {
      guard number == 1, let (name, value) = label(bytes, place) else { return nil }
      WireWriter.append(varint: symbols.reference(name), to: &references)
      WireWriter.append(varint: symbols.reference(value), to: &references)
      start = reader.index
    }
    var made: [UInt8] = []
    if !references.isEmpty { WireWriter.append(field: 1, references, to: &made) }
    made.append(contentsOf: bytes[start..<range.upperBound])
    return made
  }

  static func label(
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
