extension ScrapeReader {
  /// Reads an answer in protobuf: messages `MetricFamily`, each behind its length.
  ///
  /// What is made of them is what Prometheus makes (model/textparse/protobufparse.go): a native histogram is one sample, and its classic
  /// buckets are left out unless the job wants them.
  /// - Throws: as ``read(_:isOpenMetrics:time:duration:)``.
  mutating func read(
    protobuf body: [UInt8], time: Int64, duration: Double
  ) throws(ScrapeFault) -> ScrapeSummary {
    begin()
    var summary = ScrapeSummary()
    let isMetadataDue = isMetadataDue(at: time)
    try body.withUnsafeBufferPointer { (buffer) throws(ScrapeFault) in
      let bytes = UnsafeRawBufferPointer(buffer)
      var stream = FieldReader(bytes)
      var number = 0
      while let place = try stream.delimited() {
        number += 1
        var family = try ProtobufFamily(bytes, place, takesClassicHistograms: takesClassicHistograms)
        if isMetadataDue { take(family.metadata) }
        var metrics = FieldReader(bytes, place)
        while let (field, value) = try metrics.next() {
          guard field == 4, case .bytes(let place) = value else { continue }
          try family.read(metric: place) { (text, sample, extras) throws(ScrapeFault) in
            let series = try text.withUnsafeBufferPointer { (text) throws(ScrapeFault) in
              try self.series(UnsafeRawBufferPointer(text), line: number)
            }
            take(series, sample, time, &summary, extras)
            try checkLimit(summary)
          }
        }
      }
    }
    conclude(time, duration, &summary)
    return summary
  }
}
