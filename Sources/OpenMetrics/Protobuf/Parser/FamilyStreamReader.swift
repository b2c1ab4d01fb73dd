/// Reads a stream of delimited messages `io.prometheus.client.MetricFamily`.
///
/// Families get their names of the model: `_total` is taken off a counter's name, and one that has no such suffix is
/// marked by ``MetricFamily/hasBareTotal``. Infos and state sets are gauges in this format, and stay gauges. In errors,
/// the line is the number of the message and the column a byte of the stream. Fields that the format does not know
/// are passed over, as protobuf asks for. To a lenient reader a number that is absent is zero, as it is for writers that
/// do not write zeros.
/// Source: github.com/prometheus/client_model, io/prometheus/client/metrics.proto
struct FamilyStreamReader {
  /// A family and where it began.
  private struct Group {
    let header: FamilyHeader
    let message: Int
    var metrics: [Metric]
  }

  private let bytes: [UInt8]
  private let limits: ParseLimits
  private var reader: MetricMessageReader
  private var groups: [Group] = []
  private var positions: [ExactText: Int] = [:]
  private var sampleNames = Set<ExactText>()

  init(_ bytes: [UInt8], _ limits: ParseLimits, _ mode: ExpositionParser.Mode) {
    self.bytes = bytes
    self.limits = limits
    reader = MetricMessageReader(bytes, limits, Objections(mode, limits))
  }

  mutating func read() throws(ParseError) -> ParsedExposition {
    guard bytes.count <= limits.bytes else {
      throw ParseError(.tooLarge, message: 1, byte: nil, "\(bytes.count) bytes")
    }
    var message = 0
    var position = 0
    while position < bytes.count {
      message += 1
      guard message <= limits.samples else {
        throw ParseError(.tooManySamples, message: message, byte: nil, "")
      }
      var stream = WireReader(bytes, position..<bytes.count, message: message)
      let range = try stream.delimited()
      position = stream.position
      try add(try FamilyHeader(bytes, range, message: message, limits), range, message)
    }
    var families: [MetricFamily] = []
    families.reserveCapacity(groups.count)
    for group in groups { families.append(try family(of: group)) }
    let log = reader.objections.log
    return ParsedExposition(families: families, overlooked: log.notes, overlookedCount: log.count)
  }

  private mutating func add(
    _ header: FamilyHeader, _ range: Range<Int>, _ message: Int
  ) throws(ParseError) {
    if let position = positions[ExactText(header.name)] {
      let error = ParseError(.duplicateFamily, message: message, byte: nil, header.name)
      guard groups[position].header.type == header.type else {
        return try reader.objections.raise(.familyLeftOut, error)
      }
      try reader.objections.raise(.familyInGroups, error)
      groups[position].metrics += try metrics(header, range, message)
      return
    }
    positions[ExactText(header.name)] = groups.count
    for name in header.sampleNames where !sampleNames.insert(ExactText(name)).inserted {
      let detail = "\(header.name) would expose \(name)"
      try reader.objections.raise(
        .clashingFamilies, ParseError(.clashingFamilies, message: message, byte: nil, detail))
    }
    groups.append(
      Group(header: header, message: message, metrics: try metrics(header, range, message)))
  }

  private mutating func metrics(
    _ header: FamilyHeader, _ range: Range<Int>, _ message: Int
  ) throws(ParseError) -> [Metric] {
    var found: [Metric] = []
    // What a message says of itself is not worth gigabytes.
    found.reserveCapacity(min(header.metrics, 65_536))
    var fields = WireReader(bytes, range, message: message)
    while let (number, content) = try fields.field() {
      guard number == 4, case .bytes(let metric) = content else { continue }
      found.append(try reader.read(metric, of: header.type, message: message))
    }
    return found
  }

  private mutating func family(of group: Group) throws(ParseError) -> MetricFamily {
    let family = group.header.family(group.metrics)
    // Prometheus refuses it as well.
    if !family.unit.isEmpty, !family.name.endsExactly(in: "_" + family.unit) {
      throw ParseError(
        .rule(.unitNotSuffix), message: group.message, byte: nil, "\(family.name), \(family.unit)")
    }
    guard let broken = family.violation() else { return family }
    if reader.objections.isStrict { throw Self.error(broken, group) }
    return group.header.family(try validMetrics(of: group))
  }

  /// The metrics without those that break a rule of the data model, or have the labels of one before.
  private mutating func validMetrics(of group: Group) throws(ParseError) -> [Metric] {
    var valid: [Metric] = []
    var seen = Set<LabelSet>()
    for metric in group.metrics {
      var broken = group.header.family([metric]).violation()
      if broken == nil, !seen.insert(metric.labels.identity).inserted {
        broken = ModelViolation(.duplicateMetric, "\(group.header.name)\(metric.labels)")
      }
      if let broken {
        try reader.objections.raise(.metricLeftOut, Self.error(broken, group))
      } else {
        valid.append(metric)
      }
    }
    return valid
  }

  private static func error(_ broken: ModelViolation, _ group: Group) -> ParseError {
    ParseError(.rule(broken.rule), message: group.message, byte: nil, broken.subject)
  }
}
