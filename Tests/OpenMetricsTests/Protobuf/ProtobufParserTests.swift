import Testing

@testable import OpenMetrics

struct RefusedStream: Sendable, CustomTestStringConvertible {
  let testDescription: String
  let bytes: [UInt8]
  let reason: ParseError.Reason
  let message: Int
  let byte: Int?
  /// Whether only the strict parser refuses it.
  let isOverlooked: Bool

  init(
    _ what: String, _ bytes: [UInt8], _ reason: ParseError.Reason, message: Int = 1, byte: Int? = nil,
    isOverlooked: Bool = false
  ) {
    testDescription = what
    self.bytes = bytes
    self.reason = reason
    self.message = message
    self.byte = byte
    self.isOverlooked = isOverlooked
  }
}

@Suite("Protobuf: what the parsers take and refuse")
struct ProtobufParserTests {
  /// A stream of one family of one metric.
  static func stream(_ name: String, _ type: UInt64, _ metric: [UInt8]...) -> [UInt8] {
    Wire.delimited(Wire.text(1, name), Wire.number(3, type), Wire.message(4, metric.flatMap(\.self)))
  }

  static func gauge(_ name: String, _ labels: [UInt8] = []) -> [UInt8] {
    stream(name, 1, labels + Wire.message(2, Wire.double(1, 1)))
  }

  static func histogram(_ parts: [UInt8]...) -> [UInt8] {
    stream("a", 4, Wire.message(7, parts.flatMap(\.self)))
  }

  static func span(_ field: UInt64, _ offset: Int64, _ length: UInt64) -> [UInt8] {
    Wire.message(field, Wire.signed(1, offset), Wire.number(2, length))
  }

  @Test("what is wrong is refused with its reason and place", arguments: wire + families + values + natives)
  func refuses(_ refused: RefusedStream) throws {
    let error = try #require(throws: ParseError.self) { try Wire.parse(refused.bytes) }
    #expect(error.reason == refused.reason)
    #expect(error.line == refused.message)
    if let byte = refused.byte { #expect(error.column == byte) }
    #expect(error.description.hasPrefix("message "))
    if refused.isOverlooked {
      let overlooked = try Wire.parse(lenient: refused.bytes).overlooked
      #expect(overlooked.map(\.error.reason).contains(refused.reason))
    } else {
      #expect(throws: error) { try Wire.parse(lenient: refused.bytes) }
    }
  }

  static let wire: [RefusedStream] = [
    .init("a length that is cut", [0x80], .truncated, byte: 1),
    .init("a length beyond the end", [5, 0x0A, 1], .truncated, byte: 1),
    .init("a length of 2^64-1", Wire.varint(.max), .truncated, byte: 1),
    .init("a length of more than 64 bits", Array(repeating: 0xFF, count: 10) + [1], .invalidMessage, byte: 1),
    .init("a varint of eleven bytes", Array(repeating: 0x80, count: 10) + [0], .invalidMessage, byte: 1),
    .init("a field beyond its message", Wire.delimited([0x0A, 5, 97]), .truncated, byte: 3),
    .init("a field with the number 0", Wire.delimited([0x02, 0]), .invalidMessage, byte: 2),
    .init(
      "a field number of more than 29 bits", Wire.delimited(Wire.tag(1 << 29, 0)), .invalidMessage, byte: 2),
    .init("a group", Wire.delimited([0x0B, 0x0C]), .invalidMessage, byte: 2),
    .init("a wire type that does not exist", Wire.delimited([0x0F]), .invalidMessage, byte: 2),
    .init(
      "a fixed number that is cut", Wire.delimited(Wire.text(1, "a"), [0x51, 0, 0]), .truncated, byte: 6),
    .init("a name of the wrong wire type", Wire.delimited(Wire.number(1, 1)), .invalidMessage, byte: 2),
    .init(
      "a metric that is a number", Wire.delimited(Wire.text(1, "a"), Wire.number(4, 1)), .invalidMessage,
      byte: 5),
    .init("a metric that is cut inside", stream("a", 1, [0x12, 9, 9, 0]), .invalidMessage, byte: 9),
    .init("a metric with a group", stream("a", 1, [0x5B, 0x5C]), .invalidMessage, byte: 9),
    .init("the second message is cut", gauge("a") + [9], .truncated, message: 2),
  ]

  static let families: [RefusedStream] = [
    .init("a family without a name", Wire.delimited(), .rule(.invalidMetricName)),
    .init("a name that is no UTF-8", Wire.delimited(Wire.message(1, [0xFF])), .invalidUTF8, byte: 4),
    .init(
      "a help that is no UTF-8", Wire.delimited(Wire.text(1, "a"), Wire.message(2, [0xC0, 0x80])),
      .invalidUTF8),
    .init("an unknown type", stream("a", 6), .unknownType, byte: 5),
    .init("a type beyond 32 bits", stream("a", 1 << 32), .unknownType, byte: 5),
    .init(
      "a family that comes twice", gauge("a") + gauge("a"), .duplicateFamily, message: 2, isOverlooked: true),
    .init(
      "a family that is another's count", histogram() + gauge("a_count"), .clashingFamilies, message: 2,
      isOverlooked: true),
    .init(
      "two metrics of the same labels",
      Wire.delimited(
        Wire.text(1, "a"), Wire.number(3, 3), Wire.message(4, Wire.message(5)),
        Wire.message(4, Wire.message(5))),
      .rule(.duplicateMetric), isOverlooked: true),
    .init("a label without a name", gauge("a", Wire.message(1, Wire.text(2, "v"))), .rule(.invalidLabelName)),
    .init("a label twice", gauge("a", Wire.label("k", "v") + Wire.label("k", "w")), .rule(.duplicateLabel)),
    .init(
      "a label's value that is no UTF-8",
      gauge("a", Wire.message(1, Wire.text(1, "k"), Wire.message(2, [0xED, 0xA0, 0x80]))), .invalidUTF8),
    .init(
      "a label that the type uses itself", stream("a", 4, Wire.label("le", "1"), Wire.message(7)),
      .rule(.reservedLabel), isOverlooked: true),
  ]

  static let values: [RefusedStream] = [
    .init("a metric without a value", stream("a", 1), .rule(.wrongPointType), byte: 9),
    .init("a gauge in a family of counters", stream("a", 0, Wire.message(2)), .rule(.wrongPointType)),
    .init(
      "a gauge beside its counter", stream("a", 0, Wire.message(2), Wire.message(3)), .rule(.wrongPointType),
      isOverlooked: true),
    .init(
      "a counter that is NaN", stream("a", 0, Wire.message(3, Wire.double(1, .nan))), .rule(.counterNaN),
      isOverlooked: true),
    .init(
      "a counter below zero", stream("a", 0, Wire.message(3, Wire.double(1, -1))), .rule(.counterNegative),
      isOverlooked: true),
    .init(
      "nanoseconds of a second and more", stream("a", 0, Wire.message(3, Wire.time(3, 1, 1_000_000_000))),
      .invalidTimestamp, isOverlooked: true),
    .init(
      "a start after the year 9999", stream("a", 0, Wire.message(3, Wire.time(3, 253_402_300_800, 0))),
      .invalidTimestamp, isOverlooked: true),
    .init(
      "an exemplar with a label twice",
      stream("a", 0, Wire.message(3, Wire.message(2, Wire.label("k", "1"), Wire.label("k", "2")))),
      .rule(.duplicateLabel)),
    .init(
      "a quantile above 1", stream("a", 2, Wire.message(4, Wire.message(3, Wire.double(1, 2)))),
      .rule(.quantileOutOfRange), isOverlooked: true),
    .init(
      "buckets that are not cumulative",
      histogram(
        Wire.number(1, 2), Wire.message(3, Wire.number(1, 2), Wire.double(2, 1)),
        Wire.message(3, Wire.number(1, 1), Wire.double(2, 2))),
      .rule(.bucketsNotCumulative), isOverlooked: true),
    .init(
      "a count that is not the last bucket's",
      histogram(Wire.number(1, 2), Wire.message(3, Wire.number(1, 1), Wire.double(2, .infinity))),
      .rule(.countMismatch), isOverlooked: true),
    .init("a count that is NaN", histogram(Wire.double(4, .nan)), .rule(.countNegative), isOverlooked: true),
    .init(
      "a threshold that is NaN", histogram(Wire.message(3, Wire.double(2, .nan))), .rule(.thresholdNaN),
      isOverlooked: true),
    .init(
      "an exemplar outside its bucket",
      histogram(Wire.message(3, Wire.double(2, 1), Wire.message(3, Wire.double(2, 2)))),
      .rule(.exemplarOutsideBucket), isOverlooked: true),
    .init(
      "an exemplar of the whole of a classic histogram", histogram(Wire.message(16, Wire.time(3, 1, 0))),
      .exemplarNotAllowed, isOverlooked: true),
  ]

  static let natives: [RefusedStream] = [
    .init(
      "spans without their buckets",
      histogram(Wire.number(1, 1), span(12, 0, 4_000_000_000), Wire.signed(13, 1)),
      .rule(.nativeSpansInvalid)),
    .init(
      "buckets without their span", histogram(Wire.number(7, 1), Wire.signed(13, 1)),
      .rule(.nativeSpansInvalid)),
    .init(
      "a second span that goes back",
      histogram(Wire.number(1, 2), span(12, 0, 1), span(12, -1, 1), Wire.signed(13, 1), Wire.signed(13, 0)),
      .rule(.nativeSpansInvalid)),
    .init(
      "spans beyond the indexes of 32 bits",
      histogram(Wire.number(1, 1), span(12, Int64(Int32.max), 1), Wire.signed(13, 1)),
      .rule(.nativeSpansInvalid)),
    .init(
      "a schema that there is not", histogram(Wire.signed(5, 9), span(12, 0, 0)), .rule(.nativeSchemaUnknown)),
    .init(
      "differences that lead below zero",
      histogram(Wire.number(1, 1), span(12, 0, 2), Wire.signed(13, 1), Wire.signed(13, -2)),
      .rule(.countNegative)),
    .init(
      "differences beyond 64 bits",
      histogram(span(12, 0, 2), Wire.signed(13, .max), Wire.signed(13, .max)), .rule(.countNegative)),
    .init("a bucket that is NaN", histogram(span(12, 0, 1), Wire.double(14, .nan)), .rule(.countNegative)),
    .init(
      "a zero threshold that is infinite", histogram(Wire.double(6, .infinity)),
      .rule(.nativeZeroThresholdInvalid)),
    .init(
      "more in the buckets than the count", histogram(Wire.number(1, 1), span(9, 0, 1), Wire.signed(10, 2)),
      .rule(.countMismatch), isOverlooked: true),
    .init(
      "an exemplar of a native histogram without a time", histogram(span(12, 0, 0), Wire.message(16)),
      .invalidExemplar, isOverlooked: true),
    .init(
      "counts and differences",
      histogram(Wire.double(4, 1), span(12, 0, 1), Wire.double(14, 1), Wire.signed(13, 1)), .valueNotAllowed,
      isOverlooked: true),
  ]

  @Test("limits refuse, each with its own reason")
  func limits() throws {
    let two = Self.gauge("a", Wire.label("k", "v") + Wire.label("l", "v"))
    for (limits, reason) in [
      (ParseLimits(bytes: two.count - 1), ParseError.Reason.tooLarge),
      (ParseLimits(lineBytes: 20), .tooLarge),
      (ParseLimits(labelsPerSample: 1), .tooManyLabels), (ParseLimits(samples: 0), .tooManySamples),
    ] {
      let error = try #require(throws: ParseError.self) { try Wire.parse(two, limits: limits) }
      #expect(error.reason == reason)
    }
    let within = ParseLimits(bytes: two.count, lineBytes: 40, labelsPerSample: 2, samples: 1)
    #expect(try Wire.parse(two, limits: within).count == 1)
  }

  @Test("a field that comes again and again takes neither the memory nor the time of its square")
  func repeatedMessage() throws {
    let bucket = Wire.message(7, Wire.message(3))
    let metric = Array(repeating: bucket, count: 200_000).flatMap(\.self)
    let error = try #require(throws: ParseError.self) {
      try Wire.parse(Self.stream("a", 4, metric))
    }
    #expect(error.reason == .invalidMessage)
  }

  @Test("absent numbers are absent to the strict parser, and zero to the lenient one")
  func absentNumbers() throws {
    let stream = Self.stream("a", 2, Wire.message(4))
    let strict = try Wire.parse(stream)
    #expect(strict.first?.metrics.first?.points.first?.value == .summary(SummaryPoint(count: nil, sum: nil)))
    let lenient = try Wire.parse(lenient: stream)
    #expect(
      lenient.families.first?.metrics.first?.points.first?.value == .summary(SummaryPoint(count: 0, sum: 0.0))
    )
    #expect(lenient.overlooked.isEmpty)
  }

  @Test("unknown fields are passed over, on every level")
  func unknownFields() throws {
    let unknown =
      Wire.text(100, "x") + Wire.number(101, 1) + Wire.double(102, 1) + Wire.tag(103, 5) + [1, 2, 3, 4]
    let stream = Wire.delimited(
      unknown, Wire.text(1, "a"), Wire.number(3, 1),
      Wire.message(4, unknown, Wire.label("k", "v"), Wire.message(2, unknown, Wire.double(1, 1))), unknown)
    #expect(try Wire.parse(stream) == Wire.parse(Self.gauge("a", Wire.label("k", "v"))))
  }

  @Test("fields may come in any order, and a packed list is the same as one that is not")
  func order() throws {
    let unpacked = Self.histogram(
      Wire.number(1, 3), Self.span(12, 0, 2), Wire.signed(13, 1), Wire.signed(13, 1))
    let packed = Wire.delimited(
      Wire.message(4, Wire.message(7, Wire.message(13, [2, 2]), Self.span(12, 0, 2), Wire.number(1, 3))),
      Wire.number(3, 4), Wire.text(1, "a"))
    #expect(try Wire.parse(packed) == Wire.parse(unpacked))
  }

  @Test("the +Inf bucket may be left out")
  func infinity() throws {
    let family = try #require(
      try Wire.parse(
        Self.histogram(Wire.number(1, 5), Wire.message(3, Wire.number(1, 2), Wire.double(2, 1)))
      ).first)
    let buckets = [
      HistogramBucket(upperBound: 1, cumulativeCount: 2),
      HistogramBucket(upperBound: .infinity, cumulativeCount: 5),
    ]
    #expect(
      family.metrics.first?.points.first?.value == .histogram(HistogramPoint(buckets: buckets, sum: nil)))
  }

  @Test(
    "a counter's name loses _total, and says when there was none",
    arguments: [("a_total", "a", false), ("a", "a", true), ("_total", "_total", true)])
  func counterNames(shown: String, name: String, isBare: Bool) throws {
    let family = try Wire.parse(Self.stream(shown, 0, Wire.message(3))).first
    #expect(family?.name == name)
    #expect(family?.hasBareTotal == isBare)
  }

  @Test("the lenient parser joins a family's groups, and leaves out metrics that break a rule or come again")
  func lenient() throws {
    func counter(_ id: String, _ value: Double) -> [UInt8] {
      Self.stream("a", 0, Wire.label("id", id) + Wire.message(3, Wire.double(1, value)))
    }
    let stream =
      counter("1", 1) + counter("2", -1) + counter("1", 3) + Self.gauge("b") + counter("4", 4)
      + Self.gauge("a")
    let parsed = try Wire.parse(lenient: stream)
    #expect(parsed.families.map(\.name) == ["a", "b"])
    #expect(parsed.families.first?.metrics.map { $0.labels["id"] } == ["1", "4"])
    #expect(
      parsed.overlooked.map(\.kind) == [
        .familyInGroups, .familyInGroups, .familyInGroups, .familyLeftOut, .metricLeftOut, .metricLeftOut,
      ])
  }

  @Test(
    "the lenient parser takes the last bucket for the count, and an exemplar for its bucket's only within")
  func lenientHistogram() throws {
    let exemplar = Wire.message(3, Wire.double(2, 7))
    let stream = Self.histogram(
      Wire.number(1, 9), Wire.message(3, Wire.number(1, 2), Wire.double(2, 1), exemplar),
      Wire.message(3, Wire.number(1, 5), Wire.double(2, .infinity), exemplar))
    let parsed = try Wire.parse(lenient: stream)
    guard case .histogram(let point)? = parsed.families.first?.metrics.first?.points.first?.value else {
      Issue.record("no histogram")
      return
    }
    #expect(point.count == 5)
    #expect(point.buckets.map(\.exemplar?.value) == [nil, 7])
    #expect(Set(parsed.overlooked.map(\.kind)) == [.countMismatch, .exemplarLeftOut])
  }

  @Test("of what is overlooked the first is kept, and all of it is counted")
  func overlookedLimit() throws {
    let metric = Wire.message(4, Wire.message(3, Wire.double(1, -1)))
    let stream = Wire.delimited(Wire.text(1, "a"), Array(repeating: metric, count: 50).flatMap(\.self))
    let parser = ExpositionParser(format: .protobuf, mode: .lenient, limits: ParseLimits(overlooked: 3))
    let parsed = try parser.parse(stream)
    #expect(parsed.overlooked.count == 3)
    #expect(parsed.overlookedCount == 50)
  }
}
