import CMetricsProtobuf

/// What a family's message says besides its metrics, wherever in the message that is.
struct FamilyHeader {
  private(set) var name = ""
  private var help = ""
  private var unit = ""
  /// The first of the enumeration's values is what an absent field stands for.
  private(set) var type = MetricType.counter
  /// How many there are.
  private(set) var metrics = 0

  init(_ bytes: [UInt8], _ range: Range<Int>, message: Int, _ limits: ParseLimits) throws(ParseError) {
    var fields = WireReader(bytes, range, message: message)
    while true {
      let start = fields.position
      guard let (number, content) = try fields.field() else { break }
      switch (number, content) {
      case (1, .bytes(let text)): name = try Self.text(bytes, text, fields, limits)
      case (2, .bytes(let text)): help = try Self.text(bytes, text, fields, limits)
      case (5, .bytes(let text)): unit = try Self.text(bytes, text, fields, limits)
      case (3, .varint(let value)):
        guard let known = MetricType(protobuf: value) else {
          throw fields.error(.unknownType, at: start, "\(value)")
        }
        type = known
      case (4, .bytes): metrics += 1
      case (1...5, _): throw fields.error(.invalidMessage, at: start, "field \(number)")
      default: break
      }
    }
    if name.isEmpty { throw fields.error(.rule(.invalidMetricName), at: range.lowerBound) }
  }

  func family(_ metrics: [Metric]) -> MetricFamily {
    let bareName = type == .counter ? name.droppingLast("_total") : nil
    return MetricFamily(
      name: bareName ?? name, type: type, help: help, unit: unit, metrics: metrics,
      hasBareTotal: type == .counter && bareName == nil)
  }

  /// The names of the series that Prometheus makes of the family.
  var sampleNames: [String] {
    switch type {
    case .histogram, .gaugehistogram: ["_bucket", "_count", "_sum"].map { name + $0 }
    case .summary: ["", "_count", "_sum"].map { name + $0 }
    default: [name]
    }
  }

  private static func text(
    _ bytes: [UInt8], _ range: Range<Int>, _ fields: WireReader, _ limits: ParseLimits
  ) throws(ParseError) -> String {
    guard range.count <= limits.lineBytes else {
      throw fields.error(.tooLarge, at: range.lowerBound, "a text of \(range.count) bytes")
    }
    guard let text = String(validating: bytes[range], as: UTF8.self) else {
      throw fields.error(.invalidUTF8, at: range.lowerBound)
    }
    return text
  }
}

extension MetricType {
  fileprivate init?(protobuf value: UInt64) {
    switch UInt32(exactly: value).map({ Cmetrics__MetricType(rawValue: $0) }) {
    case CMETRICS__METRIC_TYPE__COUNTER: self = .counter
    case CMETRICS__METRIC_TYPE__GAUGE: self = .gauge
    case CMETRICS__METRIC_TYPE__SUMMARY: self = .summary
    case CMETRICS__METRIC_TYPE__UNTYPED: self = .unknown
    case CMETRICS__METRIC_TYPE__HISTOGRAM: self = .histogram
    case CMETRICS__METRIC_TYPE__GAUGE_HISTOGRAM: self = .gaugehistogram
    default: return nil
    }
  }
}
