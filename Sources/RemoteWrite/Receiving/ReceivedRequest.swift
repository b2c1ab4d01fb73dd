import OpenMetrics

/// What a sender has pushed, whatever the form: series in the order of their coming, with what each has. A pure value.
///
/// Whatever is wrong with a series or a sample costs only that one; ``refusals`` says so, and ``firstFault`` in words.
struct ReceivedRequest {
  /// A number or a native histogram of a series.
  struct Item {
    var series: Int32
    /// How many items of its series come before it.
    var position: Int32
    /// Which of ``histograms`` it is; -1 for a number.
    var histogram: Int32 = -1
    /// Milliseconds since the epoch.
    var time: Int64
    /// Of a number.
    var bits: UInt64
  }

  struct Series {
    var labels: SeriesLabels
    /// What each of its samples takes for its labels.
    var textBytes: Int
    /// How many items it has.
    var count: Int32 = 0
    /// The last one of them.
    var last: (time: Int64, bits: UInt64, histogram: Int32)?
    var exemplars: [ScrapedExemplar] = []
    /// Which of ``families`` it belongs to; -1 where none is known.
    var family: Int32 = -1
  }

  /// What a request may have, so that none takes more memory than it should, whatever its few bytes stand for.
  struct Limits {
    var labels = 256
    /// Of a name, a value, a help.
    var textBytes = 64 << 10
    /// The labels of all samples, and what is said of families: a few bytes of a request may stand for a long text.
    var allTextBytes = 64 << 20
    var samples = 1_000_000
    /// Samples of one series: each makes a batch of its own.
    var samplesOfSeries = 10_000
    var exemplars = 100_000
    var exemplarsOfSeries = 100
    /// Of a native histogram.
    var histogramBytes = 64 << 10
  }

  let limits: Limits
  private(set) var series: [Series] = []
  private(set) var items: [Item] = []
  /// `Histogram` messages but for their times.
  private(set) var histograms: [[UInt8]] = []
  private(set) var families: [FamilyMetadata] = []
  /// Samples that were not taken, by why.
  private(set) var refusals: [PushRefusal: Int] = [:]
  /// What is wrong with the first of them that the sender is to blame for.
  private(set) var firstFault: String?
  /// By the bytes of their labels: texts that only look the same are others.
  private var known: [[UInt8]: Int32] = [:]
  private var knownFamilies: [[UInt8]: Int32] = [:]
  private var textBytes = 0
  private var exemplarCount = 0
  /// What a series or a family takes beside its texts, about.
  private static let overhead = 128

  init(limits: Limits = Limits()) { self.limits = limits }

  // MARK: - Series

  /// The series with these labels; nil where they are none that can be sent, of which ``refuse(_:_:_:)`` is told.
  ///
  /// Empty values stand for no label, and the order does not matter; all else is as the protocol wants it.
  /// Source: prometheus.io/docs/specs/prw/remote_write_spec_2_0, "Labels"
  /// - Parameter samples: how many samples come with them.
  mutating func take(_ labels: [Label], extra: [Label], samples: Int) throws(PushFault) -> Int? {
    if let fault = fault(in: labels) {
      refuse(.labels, samples, fault)
      return nil
    }
    var made = SeriesLabels(labels)
    // As VictoriaMetrics has it: who asks for a label gets it, whatever the series says.
    for label in extra { made[label.name] = label.value }
    let name = made[SeriesLabels.nameLabel]
    guard !name.isEmpty else {
      refuse(.labels, samples, "a series without a name: \(made)")
      return nil
    }
    guard SeriesLabeller.isSendable(made) else {
      refuse(.unsendable, samples, "names that remote write 1.0 has no room for: \(made)")
      return nil
    }
    let identity = WireWriter.encode(made)
    if let index = known[identity] { return Int(index) }
    try count(text: identity.count + Self.overhead)
    known[identity] = Int32(series.count)
    series.append(Series(labels: made, textBytes: identity.count))
    return series.count - 1
  }

  private func fault(in labels: [Label]) -> String? {
    guard labels.count <= limits.labels else {
      return "a series with \(labels.count) labels, of at most \(limits.labels)"
    }
    var names = Set<[UInt8]>()
    for label in labels {
      if label.name.isEmpty { return "a label without a name" }
      if label.name.utf8.count > limits.textBytes || label.value.utf8.count > limits.textBytes {
        return "a label of more than \(limits.textBytes) bytes"
      }
      guard names.insert(Array(label.name.utf8)).inserted else { return "the label \(label.name) twice" }
    }
    return nil
  }

  private mutating func count(text bytes: Int) throws(PushFault) {
    textBytes += bytes
    guard textBytes <= limits.allTextBytes else {
      throw .tooLarge("texts of more than \(limits.allTextBytes) bytes in all")
    }
  }

  // MARK: - Samples

  /// Takes a sample of a series, if it comes after those that the request has of it.
  mutating func take(_ index: Int, bits: UInt64, time: Int64) throws(PushFault) {
    try take(index, time, bits, histogram: nil)
  }

  /// Takes a native histogram of a series, on the same terms.
  mutating func take(_ index: Int, histogram: [UInt8], time: Int64) throws(PushFault) {
    try take(index, time, 0, histogram: histogram)
  }

  private mutating func take(_ index: Int, _ time: Int64, _ bits: UInt64, histogram: [UInt8]?)
    throws(PushFault)
  {
    if let last = series[index].last, time <= last.time {
      let isSame: Bool =
        if let histogram { last.histogram >= 0 && histograms[Int(last.histogram)] == histogram } else {
          last.histogram < 0 && last.bits == bits
        }
      if time == last.time, isSame {
        refuse(.duplicate, 1, nil)
      } else {
        let labels = series[index].labels
        refuse(
          .outOfOrder, 1,
          time == last.time
            ? "duplicate sample for timestamp \(time) with another value: \(labels)"
            : "out of order sample, \(time) after \(last.time): \(labels)")
      }
      return
    }
    guard series[index].count < limits.samplesOfSeries else {
      throw .tooLarge("more than \(limits.samplesOfSeries) samples of \(series[index].labels)")
    }
    guard items.count < limits.samples else { throw .tooLarge("more than \(limits.samples) samples") }
    // The first one's labels are counted with the series.
    if series[index].count > 0 { try count(text: series[index].textBytes) }
    var item = Item(series: Int32(index), position: series[index].count, time: time, bits: bits)
    if let histogram {
      item.histogram = Int32(histograms.count)
      histograms.append(histogram)
    }
    series[index].last = (time, bits, item.histogram)
    series[index].count += 1
    items.append(item)
  }

  /// Takes an exemplar of a series; one that is too long is none.
  mutating func take(_ index: Int, exemplar: ScrapedExemplar) {
    guard !exemplar.isTooLong, series[index].exemplars.count < limits.exemplarsOfSeries,
      exemplarCount < limits.exemplars
    else { return }
    exemplarCount += 1
    series[index].exemplars.append(exemplar)
  }

  /// Counts samples that are not taken.
  ///
  /// - Parameter words: what the sender is to blame for; nil where that is nothing.
  mutating func refuse(_ why: PushRefusal, _ samples: Int, _ words: String?) {
    if samples > 0 { refusals[why, default: 0] += samples }
    if firstFault == nil, let words {
      firstFault = String(words.unicodeScalars.prefix(600).map(Character.init))
    }
  }

  // MARK: - Families

  /// Takes what is said of a family; of what is said twice the last counts.
  ///
  /// - Returns: its number; nil where it cannot be sent.
  @discardableResult
  mutating func take(_ family: FamilyMetadata) throws(PushFault) -> Int? {
    guard family.help.count <= limits.textBytes, family.unit.count <= limits.textBytes,
      family.name.count <= limits.textBytes
    else { return nil }
    if let number = knownFamilies[family.name], families[Int(number)] == family { return Int(number) }
    guard family.isSendable else { return nil }
    try count(text: family.name.count + family.help.count + family.unit.count + Self.overhead)
    if let number = knownFamilies[family.name] {
      families[Int(number)] = family
      return Int(number)
    }
    knownFamilies[family.name] = Int32(families.count)
    families.append(family)
    return families.count - 1
  }

  /// That a series belongs to a family.
  mutating func take(_ index: Int, family number: Int) { series[index].family = Int32(number) }

  /// Finds the family of each series by its name, where nothing else has told it.
  mutating func assignFamilies() {
    guard !families.isEmpty else { return }
    for index in series.indices where series[index].family < 0 {
      let name = Array(series[index].labels[SeriesLabels.nameLabel].utf8)
      series[index].family = family(of: name) ?? -1
    }
  }

  private func family(of name: [UInt8]) -> Int32? {
    if let number = knownFamilies[name] { return number }
    for suffix in RequestMetadata.suffixes where name.reversed().starts(with: suffix.utf8.reversed()) {
      if let number = knownFamilies[Array(name.dropLast(suffix.utf8.count))] { return number }
    }
    return nil
  }
}

/// Why nothing of a request is taken.
enum PushFault: Error, Equatable {
  case malformed(String)
  /// It stands for more than one may.
  case tooLarge(String)
  /// It is of a kind that is not understood.
  case unsupported(String)

  var isTooLarge: Bool { if case .tooLarge = self { true } else { false } }
}
