import CMetricsProtobuf
import CProtobufC

/// Makes a metric of its message, which protobuf-c unpacks into an arena.
struct MetricMessageReader {
  var objections: Objections
  let limits: ParseLimits
  /// Where the message is that is being read, for errors.
  private(set) var place = (message: 0, byte: 0)
  private let bytes: [UInt8]
  private let arena = MessageArena()
  private let descriptor: UnsafePointer<ProtobufCMessageDescriptor>?
  private var samples = 0

  init(_ bytes: [UInt8], _ limits: ParseLimits, _ objections: Objections) {
    self.bytes = bytes
    self.limits = limits
    self.objections = objections
    var prototype = Cmetrics__Metric()
    cmetrics__metric__init(&prototype)
    descriptor = prototype.base.descriptor
  }

  mutating func read(
    _ range: Range<Int>, of type: MetricType, message: Int
  ) throws(ParseError) -> Metric {
    place = (message, range.lowerBound + 1)
    guard range.count <= limits.lineBytes else { throw error(.tooLarge, "a metric of \(range.count) bytes") }
    defer { arena.reset() }
    // The smallest message takes some forty times its bytes. What takes more is fields of one message that come again
    // and again: C joins them, in a time that is quadratic in their number.
    arena.limit = 64 * range.count + 4096
    let unpacked = bytes.withUnsafeBufferPointer { buffer in
      arena.withAllocator { allocator in
        protobuf_c_message_unpack(
          descriptor, allocator, range.count, buffer.baseAddress.map { $0 + range.lowerBound })
      }
    }
    guard let unpacked else { throw error(.invalidMessage, "no metric") }
    return try unpacked.withMemoryRebound(to: Cmetrics__Metric.self, capacity: 1) {
      (metric) throws(ParseError) in try self.metric(metric.pointee, type)
    }
  }

  func error(_ reason: ParseError.Reason, _ detail: String = "") -> ParseError {
    ParseError(reason, message: place.message, byte: place.byte, detail)
  }

  private mutating func metric(_ message: Cmetrics__Metric, _ type: MetricType) throws(ParseError) -> Metric {
    try count(1)
    let labels = try labelSet(message.label, message.n_label)
    let timestamp =
      message.has_timestamp_ms != 0
      ? MetricTimestamp(millisecondsSinceEpoch: message.timestamp_ms) : nil
    let isSet = [
      message.counter != nil, message.gauge != nil, message.summary != nil, message.untyped != nil,
      message.histogram != nil,
    ]
    if isSet.count(where: { $0 }) > 1 {
      try objections.raise(.message, error(.rule(.wrongPointType), "several values"))
    }
    guard let value = try value(message, type) else {
      throw error(.rule(.wrongPointType), "not the value of a \(type.rawValue)")
    }
    return Metric(labels: labels, value, timestamp: timestamp)
  }

  private mutating func value(
    _ message: Cmetrics__Metric, _ type: MetricType
  ) throws(ParseError) -> MetricPointValue? {
    switch type {
    case .counter:
      guard let counter = message.counter?.pointee else { return nil }
      return .counter(
        CounterPoint(
          total: .double(counter.value), created: try timestamp(counter.start_timestamp),
          exemplar: try exemplar(counter.exemplar)))
    case .gauge: return (message.gauge?.pointee.value).map { .gauge(.double($0)) }
    case .unknown: return (message.untyped?.pointee.value).map { .unknown(.double($0)) }
    case .summary:
      return try message.summary.map { (message) throws(ParseError) in try summary(message.pointee) }
    case .histogram:
      guard let histogram = message.histogram?.pointee else { return nil }
      return .histogram(try self.histogram(histogram))
    case .gaugehistogram:
      guard let histogram = message.histogram?.pointee else { return nil }
      return .gaugeHistogram(try self.histogram(histogram))
    case .info, .stateset: return nil
    }
  }

  private mutating func summary(_ message: Cmetrics__Summary) throws(ParseError) -> MetricPointValue {
    try count(message.n_quantile)
    var quantiles: [SummaryPoint.Quantile] = []
    for quantile in MessageList(message.quantile, message.n_quantile) {
      quantiles.append(.init(quantile.quantile, .double(quantile.value)))
    }
    return .summary(
      SummaryPoint(
        count: isGiven(message.has_sample_count) ? .integer(message.sample_count) : nil,
        sum: isGiven(message.has_sample_sum) ? .double(message.sample_sum) : nil, quantiles: quantiles,
        created: try timestamp(message.start_timestamp)))
  }
}

extension MetricMessageReader {
  /// Whether a number is to be shown: absent ones are zeros to lenient readers.
  func isGiven(_ has: protobuf_c_boolean) -> Bool { has != 0 || !objections.isStrict }

  /// Towards the limit of samples.
  mutating func count(_ samples: Int) throws(ParseError) {
    self.samples += samples
    guard self.samples <= limits.samples else { throw error(.tooManySamples) }
  }

  mutating func exemplar(_ message: UnsafeMutablePointer<Cmetrics__Exemplar>?) throws(ParseError) -> Exemplar?
  {
    guard let message = message?.pointee else { return nil }
    let labels = try labelSet(message.label, message.n_label)
    let time = try timestamp(message.timestamp)
    do throws(MetricError) {
      return try Exemplar(read: labels, value: message.value, timestamp: time)
    } catch {
      throw self.error(.invalidExemplar, "\(error)")
    }
  }

  mutating func timestamp(
    _ message: UnsafeMutablePointer<Cmetrics__Timestamp>?
  ) throws(ParseError) -> MetricTimestamp? {
    guard let message = message?.pointee else { return nil }
    if !ProtobufTimestamp.seconds.contains(message.seconds)
      || !ProtobufTimestamp.nanoseconds.contains(message.nanos)
    {
      try objections.raise(
        .message, error(.invalidTimestamp, "\(message.seconds) s and \(message.nanos) ns"))
    }
    return MetricTimestamp(seconds: message.seconds, nanoseconds: message.nanos)
  }

  private func labelSet(
    _ list: UnsafeMutablePointer<UnsafeMutablePointer<Cmetrics__LabelPair>?>?, _ count: Int
  ) throws(ParseError) -> LabelSet {
    if count == 0 { return .empty }
    guard count <= limits.labelsPerSample else { throw error(.tooManyLabels, "\(count)") }
    var labels: [Label] = []
    labels.reserveCapacity(count)
    for pair in MessageList(list, count) {
      let name = try text(pair.name)
      if name.isEmpty { throw error(.rule(.invalidLabelName)) }
      labels.append(Label(name, try text(pair.value)))
    }
    let set = LabelSet(labels)
    if let name = set.firstDuplicateName { throw error(.rule(.duplicateLabel), name) }
    return set
  }

  private func text(_ bytes: ProtobufCBinaryData) throws(ParseError) -> String {
    guard
      let text = String(validating: UnsafeBufferPointer(start: bytes.data, count: bytes.len), as: UTF8.self)
    else { throw error(.invalidUTF8) }
    return text
  }
}

/// The messages of a repeated field.
struct MessageList<Message>: Sequence, IteratorProtocol {
  private let list: UnsafeMutablePointer<UnsafeMutablePointer<Message>?>?
  private let count: Int
  private var position = 0

  init(_ list: UnsafeMutablePointer<UnsafeMutablePointer<Message>?>?, _ count: Int) {
    self.list = list
    self.count = count
  }

  mutating func next() -> Message? {
    guard position < count else { return nil }
    defer { position += 1 }
    return list?[position]?.pointee
  }
}
