import OpenMetrics

extension LineCursor {
  /// Whether something stands behind the value and the time.
  var isAtExemplar: Bool { index < end }

  /// Reads `# {labels} value time`, the time in seconds where there is one.
  mutating func exemplar() throws(ScrapeFault) -> ScrapedExemplar {
    index += 1
    skipBlanks()
    let start = index
    guard index < end, bytes[index] == UInt8(ascii: "{") else { throw fault("an exemplar without labels") }
    try skipBraces()
    // Labels are read with a name before them.
    let text = [UInt8(ascii: "e")] + bytes[start..<index]
    var labels: SeriesLabels
    do throws(SeriesText.Fault) {
      labels = SeriesLabels(
        try text.withUnsafeBufferPointer { (text) throws(SeriesText.Fault) in
          try SeriesText.labels(UnsafeRawBufferPointer(text))
        })
    } catch {
      throw fault("an exemplar: \(error.reason)")
    }
    labels[SeriesLabels.nameLabel] = ""
    skipBlanks()
    let value = token()
    guard let bits = NumberText.bits(UnsafeBufferPointer(rebasing: bytes[value])) else {
      throw fault("an exemplar's value that is no number")
    }
    var exemplar = ScrapedExemplar(labels: labels, bits: bits)
    skipBlanks()
    if index < end {
      let time = token()
      exemplar.time = try self.time(UnsafeBufferPointer(rebasing: bytes[time]))
      skipBlanks()
    }
    guard index == end else { throw fault("more than an exemplar") }
    return exemplar
  }
}
