import CMetricArena

/// Writes label sets, and remembers how thresholds are written: neighbouring histograms have the same ones.
struct LabelWriter {
  private let escaping: EscapingScheme
  private let marksFloat: Bool
  /// By the bucket's position in its histogram.
  private var thresholds: [(bound: Double, rendered: [UInt8])] = []

  /// - Parameter marksFloat: whether the thresholds' numbers are written with a `.0`.
  init(_ escaping: EscapingScheme, marksFloat: Bool) {
    self.escaping = escaping
    self.marksFloat = marksFloat
  }

  /// A label of a type's own, beside those of the metric.
  enum Extra {
    case threshold(Double, position: Int)
    case quantile(Double)
    case state(label: String, String)
  }

  /// `{name="value",…}` after a sample's name; nothing when there are no labels.
  @inline(__always)
  mutating func write(
    _ labels: LabelSet, _ extra: Extra?, after name: SampleName, to buffer: inout TextBuffer
  ) {
    if labels.isEmpty, extra == nil {
      if name.isQuoted { buffer.append("}") }
      return
    }
    buffer.append(name.isQuoted ? "," : "{")
    write(labels, to: &buffer)
    if let extra {
      if !labels.isEmpty { buffer.append(",") }
      write(extra, to: &buffer)
    }
    buffer.append("}")
  }

  /// Has the processor fetch a label set that is written some lines from now.
  @inline(__always)
  static func prefetch(_ labels: UnsafeBufferPointer<LabelSet>, after position: Int) {
    let ahead = position + 8
    guard ahead < labels.count, case .text(let text) = labels[ahead].storage else { return }
    metric_prefetch(text.place)
  }

  /// Writes a whole line, where it is as plain as nearly all are: no quotes, nothing to escape, a whole number.
  ///
  /// - Returns: false, and nothing is written, where it is not.
  @inline(__always)
  func writeLine(
    _ labels: LabelSet, _ value: MetricValue, after name: SampleName, to buffer: inout TextBuffer
  ) -> Bool {
    guard !name.isQuoted, case .integer(let count) = value else { return false }
    switch labels.storage {
    case .text(let text):
      guard escaping != .dots else { return false }
      name.opening.withUnsafeBufferPointer { name in
        text.withText { buffer.appendLine(name, $0, count) }
      }
      return true
    case .labels(let labels):
      guard labels.isEmpty else { return false }
      name.opening.withUnsafeBufferPointer { name in
        buffer.appendLine(name, UnsafeBufferPointer(start: nil, count: 0), count)
      }
      return true
    }
  }

  /// An exemplar's labels, in braces also where there are none.
  func writeExemplar(_ labels: LabelSet, to buffer: inout TextBuffer) {
    buffer.append("{")
    write(labels, to: &buffer)
    buffer.append("}")
  }

  @inline(__always)
  private func write(_ labels: LabelSet, to buffer: inout TextBuffer) {
    if case .text(let text) = labels.storage, escaping != .dots {
      text.withText { buffer.append($0) }
    } else {
      writeOneByOne(labels, to: &buffer)
    }
  }

  private func writeOneByOne(_ labels: LabelSet, to buffer: inout TextBuffer) {
    for (index, label) in labels.enumerated() {
      if index > 0 { buffer.append(",") }
      buffer.append(rendered(label.name))
      buffer.appendEscaped(label.value)
      buffer.append("\"" as Unicode.Scalar)
    }
  }

  /// The name with the equals sign and the opening quote of its value.
  private func rendered(_ name: String) -> [UInt8] {
    let shown = escaping.escapeLabel(name)
    let isPlain = NameGrammar.isLabelName(shown.utf8)
    return (isPlain ? Array(shown.utf8) : SampleName.quoted(shown)) + [UInt8(ascii: "="), UInt8(ascii: "\"")]
  }

  private mutating func write(_ extra: Extra, to buffer: inout TextBuffer) {
    switch extra {
    case .threshold(let bound, let position):
      if position >= thresholds.count || thresholds[position].bound != bound {
        let entry = (bound, Array("le=\"\(NumberFormat.canonical(bound, marksFloat: marksFloat))\"".utf8))
        // Positions come in their order.
        if position < thresholds.count { thresholds[position] = entry } else { thresholds.append(entry) }
      }
      buffer.append(thresholds[min(position, thresholds.count - 1)].rendered)
    case .quantile(let quantile):
      buffer.append("quantile=\"" as StaticString)
      buffer.append(quantile, marksFloat: marksFloat)
      buffer.append("\"" as Unicode.Scalar)
    case .state(let label, let state):
      buffer.append(rendered(label))
      buffer.appendEscaped(state)
      buffer.append("\"" as Unicode.Scalar)
    }
  }
}
