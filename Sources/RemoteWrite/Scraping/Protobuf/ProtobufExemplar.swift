import OpenMetrics

/// Reads an `Exemplar` of a scraped message.
enum ProtobufExemplar {
  /// Nil where a text in it is not UTF-8.
  static func read(_ bytes: UnsafeRawBufferPointer, _ range: Range<Int>) throws(ScrapeFault)
    -> ScrapedExemplar?
  {
    var exemplar = ScrapedExemplar(labels: SeriesLabels(), bits: 0)
    var fields = FieldReader(bytes, range)
    while let (number, value) = try fields.next() {
      switch (number, value) {
      case (1, .bytes(let place)):
        guard let label = try label(bytes, place) else { return nil }
        exemplar.labels[label.name] = label.value
      case (2, .fixed64(let bits)): exemplar.bits = bits
      case (3, .bytes(let place)): exemplar.time = try time(bytes, place)
      default: break
      }
    }
    return exemplar
  }

  private static func label(
    _ bytes: UnsafeRawBufferPointer, _ range: Range<Int>
  ) throws(ScrapeFault) -> Label? {
    var label = Label("", "")
    var fields = FieldReader(bytes, range)
    while let (number, value) = try fields.next() {
      guard case .bytes(let place) = value else { continue }
      guard let text = String(validating: bytes[place], as: UTF8.self) else { return nil }
      if number == 1 {
        label = Label(text, label.value)
      } else if number == 2 {
        label = Label(label.name, text)
      }
    }
    return label
  }

  /// In milliseconds since the epoch.
  private static func time(_ bytes: UnsafeRawBufferPointer, _ range: Range<Int>) throws(ScrapeFault) -> Int64
  {
    var (seconds, nanoseconds) = (Int64(0), Int64(0))
    var fields = FieldReader(bytes, range)
    while let (number, value) = try fields.next() {
      guard case .varint(let found) = value else { continue }
      if number == 1 {
        seconds = Int64(bitPattern: found)
      } else if number == 2 {
        nanoseconds = Int64(bitPattern: found)
      }
    }
    guard (-(1 << 40)...(1 << 40)).contains(seconds), (0..<1_000_000_000).contains(nanoseconds) else {
      throw .message("an exemplar with a time that is none")
    }
    return seconds * 1_000 + nanoseconds / 1_000_000
  }
}
