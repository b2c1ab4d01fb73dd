import OpenMetrics

extension SeriesLabels {
  /// Reads labels as ``WireWriter/encode(_:)`` writes them; nil where the bytes are none.
  init?(encoded bytes: [UInt8]) {
    var labels: [Label] = []
    let isWhole = bytes.withUnsafeBytes { bytes -> Bool in
      var reader = WireReader(bytes)
      while !reader.isAtEnd {
        guard let (number, place) = reader.field(), number == 1 else { return false }
        var fields = WireReader(bytes, place)
        guard let (first, name) = fields.field(), first == 1, let (second, value) = fields.field(),
          second == 2
        else { return false }
        labels.append(
          Label(String(decoding: bytes[name], as: UTF8.self), String(decoding: bytes[value], as: UTF8.self)))
      }
      return true
    }
    guard isWhole else { return nil }
    self.init(labels)
  }
}
