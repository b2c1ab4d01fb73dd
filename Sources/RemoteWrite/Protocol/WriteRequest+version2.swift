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
    var request = WireReader(bytes)
    while !request.isAtEnd {
      guard let (number, content) = request.field(), number == 1 else { return nil }
      references.removeAll(keepingCapacity: true)
      var fields = WireReader(bytes, content)
      var samples = content.upperBound..<content.upperBound
      while !fields.isAtEnd {
        let start = fields.index
        guard let (number, place) = fields.field() else { return nil }
        guard number == 1 else {
          // What comes behind the labels is samples to the end, with the numbers that they have in 2.0 as well.
          samples = start..<content.upperBound
          break
        }
        guard let (name, value) = label(bytes, place) else { return nil }
        WireWriter.append(varint: symbols.reference(name), to: &references)
        WireWriter.append(varint: symbols.reference(value), to: &references)
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
