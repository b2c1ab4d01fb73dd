import CMetricsProtobuf
import CProtobufC

/// Lays a family's header and metrics out in C's structures, in an arena's memory.
struct MetricLayout {
  let arena: MessageArena
  private let family: MetricFamily
  private let escaping: EscapingScheme
  private let shownName: String

  init(_ arena: MessageArena, _ family: MetricFamily, _ escaping: EscapingScheme) {
    self.arena = arena
    self.family = family
    self.escaping = escaping
    shownName = family.escapedSuffixedName(escaping)
  }

  /// Name, help and type.
  func header() -> UnsafeMutablePointer<Cmetrics__MetricFamily> {
    let message = arena.allocate(Cmetrics__MetricFamily.self)
    cmetrics__metric_family__init(message)
    message.pointee.has_name = 1
    message.pointee.name = arena.bytes(of: shownName)
    if !family.help.isEmpty {
      message.pointee.has_help = 1
      message.pointee.help = arena.bytes(of: family.help)
    }
    message.pointee.has_type = 1
    message.pointee.type = type
    return message
  }

  /// What comes after the metrics; `nil` when there is nothing. Prometheus refuses a whole scrape over a unit that is
  /// not the suffix of its name.
  func unit() -> UnsafeMutablePointer<Cmetrics__MetricFamily>? {
    let bareName = family.type == .counter ? shownName.droppingLast("_total") : nil
    guard !family.unit.isEmpty, (bareName ?? shownName).droppingLast("_" + family.unit) != nil else {
      return nil
    }
    let message = arena.allocate(Cmetrics__MetricFamily.self)
    cmetrics__metric_family__init(message)
    message.pointee.has_unit = 1
    message.pointee.unit = arena.bytes(of: family.unit)
    return message
  }

  /// One message, but for a state set one for every state.
  func forEachMessage(
    _ labels: LabelSet, _ point: MetricPoint, _ body: (UnsafeMutablePointer<Cmetrics__Metric>) -> Void
  ) {
    switch point.value {
    case .counter(let counter):
      body(message(labels, point) { $0.pointee.counter = self.counter(counter) })
    case .gauge(let value):
      body(message(labels, point) { $0.pointee.gauge = gauge(value.doubleValue) })
    case .unknown(let value):
      body(message(labels, point) { $0.pointee.untyped = untyped(value.doubleValue) })
    case .summary(let summary):
      body(message(labels, point) { $0.pointee.summary = self.summary(summary) })
    case .histogram(let histogram), .gaugeHistogram(let histogram):
      body(message(labels, point) { $0.pointee.histogram = HistogramLayout(self, histogram).message() })
    case .info(let information):
      body(message(labels.appending(information), point) { $0.pointee.gauge = gauge(1) })
    case .stateSet(let states):
      for state in states {
        let all = labels.appending([family.name: state.name])
        body(message(all, point) { $0.pointee.gauge = gauge(state.isEnabled ? 1 : 0) })
      }
    }
  }

  private var type: Cmetrics__MetricType {
    switch family.type {
    case .counter: CMETRICS__METRIC_TYPE__COUNTER
    case .gauge, .info, .stateset: CMETRICS__METRIC_TYPE__GAUGE
    case .summary: CMETRICS__METRIC_TYPE__SUMMARY
    case .unknown: CMETRICS__METRIC_TYPE__UNTYPED
    case .histogram: CMETRICS__METRIC_TYPE__HISTOGRAM
    case .gaugehistogram: CMETRICS__METRIC_TYPE__GAUGE_HISTOGRAM
    }
  }

  private func message(
    _ labels: LabelSet, _ point: MetricPoint, _ setValue: (UnsafeMutablePointer<Cmetrics__Metric>) -> Void
  ) -> UnsafeMutablePointer<Cmetrics__Metric> {
    let message = arena.allocate(Cmetrics__Metric.self)
    cmetrics__metric__init(message)
    (message.pointee.label, message.pointee.n_label) = labelPairs(labels)
    if let timestamp = point.timestamp {
      message.pointee.has_timestamp_ms = 1
      message.pointee.timestamp_ms = timestamp.millisecondsSinceEpoch
    }
    setValue(message)
    return message
  }

  private func counter(_ point: CounterPoint) -> UnsafeMutablePointer<Cmetrics__Counter> {
    let message = arena.allocate(Cmetrics__Counter.self)
    cmetrics__counter__init(message)
    message.pointee.has_value = 1
    message.pointee.value = point.total.doubleValue
    message.pointee.exemplar = point.exemplar.flatMap { exemplar($0) }
    message.pointee.start_timestamp = timestamp(point.created)
    return message
  }

  private func gauge(_ value: Double) -> UnsafeMutablePointer<Cmetrics__Gauge> {
    let message = arena.allocate(Cmetrics__Gauge.self)
    cmetrics__gauge__init(message)
    message.pointee.has_value = 1
    message.pointee.value = value
    return message
  }

  private func untyped(_ value: Double) -> UnsafeMutablePointer<Cmetrics__Untyped> {
    let message = arena.allocate(Cmetrics__Untyped.self)
    cmetrics__untyped__init(message)
    message.pointee.has_value = 1
    message.pointee.value = value
    return message
  }

  /// A count that is no whole number has no place here, and is left out.
  private func summary(_ point: SummaryPoint) -> UnsafeMutablePointer<Cmetrics__Summary> {
    let message = arena.allocate(Cmetrics__Summary.self)
    cmetrics__summary__init(message)
    if let count = point.count?.count {
      message.pointee.has_sample_count = 1
      message.pointee.sample_count = count
    }
    if let sum = point.sum {
      message.pointee.has_sample_sum = 1
      message.pointee.sample_sum = sum.doubleValue
    }
    (message.pointee.quantile, message.pointee.n_quantile) = list(point.ascendingQuantiles) { quantile in
      let message = arena.allocate(Cmetrics__Quantile.self)
      cmetrics__quantile__init(message)
      message.pointee.has_quantile = 1
      message.pointee.quantile = quantile.quantile
      message.pointee.has_value = 1
      message.pointee.value = quantile.value.doubleValue
      return message
    }
    message.pointee.start_timestamp = timestamp(point.created)
    return message
  }
}

extension MetricLayout {
  /// An array of pointers, as protobuf-c has for a repeated message.
  func list<Element, Message>(
    _ elements: some RandomAccessCollection<Element>, _ message: (Element) -> UnsafeMutablePointer<Message>
  ) -> (UnsafeMutablePointer<UnsafeMutablePointer<Message>?>?, Int) {
    if elements.isEmpty { return (nil, 0) }
    let list = arena.allocate(UnsafeMutablePointer<Message>?.self, count: elements.count)
    var position = list
    for element in elements {
      position.initialize(to: message(element))
      position += 1
    }
    return (list, elements.count)
  }

  /// `nil` where the labels' names become one when they are escaped.
  func exemplar(_ exemplar: Exemplar) -> UnsafeMutablePointer<Cmetrics__Exemplar>? {
    guard exemplar.isShown(in: .protobuf, escaping) else { return nil }
    let message = arena.allocate(Cmetrics__Exemplar.self)
    cmetrics__exemplar__init(message)
    (message.pointee.label, message.pointee.n_label) = labelPairs(exemplar.labels)
    message.pointee.has_value = 1
    message.pointee.value = exemplar.value
    message.pointee.timestamp = timestamp(exemplar.timestamp)
    return message
  }

  /// `nil` also for times that the message does not allow.
  func timestamp(_ time: MetricTimestamp?) -> UnsafeMutablePointer<Cmetrics__Timestamp>? {
    guard let time, ProtobufTimestamp.seconds.contains(time.seconds) else { return nil }
    let message = arena.allocate(Cmetrics__Timestamp.self)
    cmetrics__timestamp__init(message)
    message.pointee.has_seconds = 1
    message.pointee.seconds = time.seconds
    message.pointee.has_nanos = 1
    message.pointee.nanos = time.nanoseconds
    return message
  }

  private func labelPairs(
    _ labels: LabelSet
  ) -> (UnsafeMutablePointer<UnsafeMutablePointer<Cmetrics__LabelPair>?>?, Int) {
    // Names of such a set need no escaping, but for the scheme in which every underscore does.
    if case .text(let text) = labels.storage, escaping != .dots { return labelPairs(text) }
    return list(labels) { label in
      labelPair(arena.bytes(of: escaping.escapeLabel(label.name)), arena.bytes(of: label.value))
    }
  }

  private func labelPairs(
    _ text: LabelText
  ) -> (UnsafeMutablePointer<UnsafeMutablePointer<Cmetrics__LabelPair>?>?, Int) {
    let list = arena.allocate(UnsafeMutablePointer<Cmetrics__LabelPair>?.self, count: text.labelCount)
    var position = list
    text.forEach { name, value in
      position.initialize(to: labelPair(arena.bytes(of: name), arena.bytes(of: value)))
      position += 1
      return true
    }
    return (list, text.labelCount)
  }

  private func labelPair(
    _ name: ProtobufCBinaryData, _ value: ProtobufCBinaryData
  ) -> UnsafeMutablePointer<Cmetrics__LabelPair> {
    let message = arena.allocate(Cmetrics__LabelPair.self)
    cmetrics__label_pair__init(message)
    message.pointee.has_name = 1
    message.pointee.name = name
    message.pointee.has_value = 1
    message.pointee.value = value
    return message
  }
}
