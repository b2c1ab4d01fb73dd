import OpenMetrics

/// Makes samples of the metrics of a `MetricFamily`, each with its series as a line of text would have it.
struct ProtobufFamily {
  typealias Visitor = (
    _ series: [UInt8], _ sample: SampleRest, _ extras: ScrapeReader.Extras?
  ) throws(ScrapeFault) -> Void

  private let bytes: UnsafeRawBufferPointer
  private let takesClassicHistograms: Bool
  private var name = 0..<0
  private var help = 0..<0
  private var unit = 0..<0
  private var type: UInt64 = 0
  /// Of the metric that is being read.
  private var labels: [(name: Range<Int>, value: Range<Int>)] = []
  private var time: Int64?
  private var text: [UInt8] = []

  /// - Parameter range: of the message.
  init(
    _ bytes: UnsafeRawBufferPointer, _ range: Range<Int>, takesClassicHistograms: Bool
  ) throws(ScrapeFault) {
    self.bytes = bytes
    self.takesClassicHistograms = takesClassicHistograms
    var fields = FieldReader(bytes, range)
    while let (number, value) = try fields.next() {
      switch (number, value) {
      case (1, .bytes(let place)): name = place
      case (2, .bytes(let place)): help = place
      case (3, .varint(let found)): type = found
      case (5, .bytes(let place)): unit = place
      default: break
      }
    }
  }

  /// What it says of itself.
  var metadata: FamilyMetadata {
    // Counter, gauge, summary, untyped, histogram and gauge histogram.
    let types: [UInt64] = [1, 2, 5, 0, 3, 4]
    return FamilyMetadata(
      name: Array(bytes[name]), type: type < 6 ? types[Int(type)] : 0, help: Array(bytes[help]),
      unit: Array(bytes[unit]))
  }

  /// - Parameter range: of a message `Metric`.
  mutating func read(metric range: Range<Int>, _ visit: Visitor) throws(ScrapeFault) {
    labels.removeAll(keepingCapacity: true)
    time = nil
    var fields = FieldReader(bytes, range)
    while let (number, value) = try fields.next() {
      switch (number, value) {
      case (1, .bytes(let place)): labels.append(try label(place))
      case (6, .varint(let milliseconds)) where milliseconds != 0: time = Int64(bitPattern: milliseconds)
      default: break
      }
    }
    fields = FieldReader(bytes, range)
    while let (number, value) = try fields.next() {
      guard case .bytes(let place) = value else { continue }
      switch number {
      // Gauge and untyped have their value where a counter has it.
      case 2, 3, 5: try readValue(place, visit)
      case 4: try readSummary(place, visit)
      case 7: try readHistogram(place, visit)
      default: break
      }
    }
  }

  private func label(_ range: Range<Int>) throws(ScrapeFault) -> (name: Range<Int>, value: Range<Int>) {
    var label = (name: 0..<0, value: 0..<0)
    var fields = FieldReader(bytes, range)
    while let (number, value) = try fields.next() {
      switch (number, value) {
      case (1, .bytes(let place)): label.name = place
      case (2, .bytes(let place)): label.value = place
      default: break
      }
    }
    return label
  }

  // MARK: - Kinds

  private mutating func readValue(_ range: Range<Int>, _ visit: Visitor) throws(ScrapeFault) {
    var bits: UInt64 = 0
    var exemplar: ScrapedExemplar?
    var fields = FieldReader(bytes, range)
    while let (number, value) = try fields.next() {
      switch (number, value) {
      case (1, .fixed64(let found)): bits = found
      case (2, .bytes(let place)): exemplar = try ProtobufExemplar.read(bytes, place)
      default: break
      }
    }
    try send("", nil, bits, exemplar, visit)
  }

  private mutating func readSummary(_ range: Range<Int>, _ visit: Visitor) throws(ScrapeFault) {
    var (count, sum) = (UInt64(0), UInt64(0))
    var quantiles: [Range<Int>] = []
    var fields = FieldReader(bytes, range)
    while let (number, value) = try fields.next() {
      switch (number, value) {
      case (1, .varint(let found)): count = found
      case (2, .fixed64(let found)): sum = found
      case (3, .bytes(let place)): quantiles.append(place)
      default: break
      }
    }
    try send("_count", nil, Double(count).bitPattern, nil, visit)
    try send("_sum", nil, sum, nil, visit)
    for place in quantiles {
      var (quantile, bits) = (0.0, UInt64(0))
      var fields = FieldReader(bytes, place)
      while let (number, value) = try fields.next() {
        switch (number, value) {
        case (1, .fixed64(let found)): quantile = Double(bitPattern: found)
        case (2, .fixed64(let found)): bits = found
        default: break
        }
      }
      try send("", ("quantile", BoundText.text(quantile)), bits, nil, visit)
    }
  }

  private mutating func readHistogram(_ range: Range<Int>, _ visit: Visitor) throws(ScrapeFault) {
    let histogram = try ProtobufHistogram(bytes, range)
    if histogram.isNative {
      let message = try histogram.message(isGauge: type == 5)
      var exemplars: [ScrapedExemplar] = []
      for place in histogram.exemplars {
        // Without a time one cannot tell which of them are new.
        if let exemplar = try ProtobufExemplar.read(bytes, place), exemplar.time != nil {
          exemplars.append(exemplar)
        }
      }
      write("", nil)
      try visit(
        text, SampleRest(bits: 0, time: time), ScrapeReader.Extras(histogram: message, exemplars: exemplars))
      guard takesClassicHistograms, !histogram.buckets.isEmpty else { return }
    }
    let count = histogram.floatCount ?? Double(histogram.count)
    try send("_count", nil, count.bitPattern, nil, visit)
    try send("_sum", nil, histogram.sum, nil, visit)
    var last: Double?
    for place in histogram.buckets {
      let bucket = try ProtobufHistogram.Bucket(bytes, place)
      last = bucket.bound
      let exemplar = try bucket.exemplar.map { (place) throws(ScrapeFault) in
        try ProtobufExemplar.read(bytes, place)
      }
      try send(
        "_bucket", ("le", BoundText.text(bucket.bound)), bucket.count.bitPattern, exemplar ?? nil, visit)
    }
    if last != .infinity { try send("_bucket", ("le", "+Inf"), count.bitPattern, nil, visit) }
  }

  // MARK: - Series

  private mutating func send(
    _ suffix: StaticString, _ extra: (name: String, value: String)?, _ bits: UInt64,
    _ exemplar: ScrapedExemplar?, _ visit: Visitor
  ) throws(ScrapeFault) {
    write(suffix, extra)
    // Every NaN in one form, as in text.
    let sample = SampleRest(bits: SampleValue.bits(Double(bitPattern: bits)), time: time)
    try visit(text, sample, exemplar.map { ScrapeReader.Extras(exemplars: [$0]) })
  }

  /// The series as a line has it: `name{a="b"}`, or `{"name",a="b"}` where the name has other letters.
  private mutating func write(_ suffix: StaticString, _ extra: (name: String, value: String)?) {
    text.removeAll(keepingCapacity: true)
    let isPlain = isWord(name, colons: true)
    if isPlain {
      text.append(contentsOf: bytes[name])
      append(suffix)
      if labels.isEmpty, extra == nil { return }
      text.append(UInt8(ascii: "{"))
    } else {
      text += [UInt8(ascii: "{"), UInt8(ascii: "\"")]
      escape(bytes[name])
      append(suffix)
      text += [UInt8(ascii: "\""), UInt8(ascii: ",")]
    }
    for label in labels {
      if isWord(label.name, colons: false) {
        text.append(contentsOf: bytes[label.name])
      } else {
        text.append(UInt8(ascii: "\""))
        escape(bytes[label.name])
        text.append(UInt8(ascii: "\""))
      }
      text += [UInt8(ascii: "="), UInt8(ascii: "\"")]
      escape(bytes[label.value])
      text += [UInt8(ascii: "\""), UInt8(ascii: ",")]
    }
    if let extra { text += Array("\(extra.name)=\"\(extra.value)\"".utf8) }
    text.append(UInt8(ascii: "}"))
  }

  private mutating func append(_ words: StaticString) {
    words.withUTF8Buffer { text.append(contentsOf: $0) }
  }

  private mutating func escape(_ value: Slice<UnsafeRawBufferPointer>) {
    for byte in value {
      switch byte {
      case UInt8(ascii: "\\"), UInt8(ascii: "\""): text += [UInt8(ascii: "\\"), byte]
      case UInt8(ascii: "\n"): text += [UInt8(ascii: "\\"), UInt8(ascii: "n")]
      default: text.append(byte)
      }
    }
  }

  private func isWord(_ range: Range<Int>, colons: Bool) -> Bool {
    guard let first = bytes[range].first, !ASCII.isDigit(first) else { return false }
    return bytes[range].allSatisfy { ASCII.isWord($0) || (colons && $0 == UInt8(ascii: ":")) }
  }
}
