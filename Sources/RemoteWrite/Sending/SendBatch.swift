/// A batch as it goes over the wire.
struct SendBatch: Sendable {
  var cut: BatchCut
  var body: [UInt8] = []
  var samples = 0
  /// Samples before its end that are not there any more.
  var lostFull: UInt64 = 0
  var lostCorrupt: UInt64 = 0
  /// Whether a process before this one may have sent it.
  var isRepeated: Bool
  /// When its oldest fragment was enqueued; milliseconds since the epoch.
  var time: Int64 = 0
  /// Its series; nil where nobody has looked, or they are not understood.
  var series: SeriesSet?

  /// Takes fragments as long as `isTaken` says yes; those of a cut to its end.
  ///
  /// - Parameters:
  ///   - repeated: the cut that is sent again, where it is one.
  ///   - samples: how many were enqueued before it.
  init(
    _ reader: FragmentReader, repeated: BatchCut? = nil, behind samples: UInt64,
    _ isTaken: (FragmentReader.Found) -> Bool
  ) throws {
    cut = repeated ?? BatchCut(first: 0, last: 0)
    isRepeated = repeated != nil
    var through = samples
    var bodies: [[UInt8]] = []
    while let found = try reader.peek() {
      if let repeated, found.sequence > repeated.last { break }
      let gap = reader.lastGap
      guard isTaken(found) else { break }
      let record = found.record
      lose(record.samplesBefore - min(through, record.samplesBefore), gap)
      through = max(through, record.samplesThrough)
      if bodies.isEmpty {
        time = record.time
        if repeated == nil { cut.first = found.sequence }
      }
      if repeated == nil { cut.last = found.sequence }
      self.samples += record.fragment.samples
      bodies.append(record.fragment.body)
      reader.advance()
    }
    if let end = repeated?.samplesThrough, end > through {
      lose(end - through, reader.lastGap)
      through = end
    }
    cut.samplesThrough = through
    body = try SnappyBlock.join(bodies)
  }

  private mutating func lose(_ samples: UInt64, _ gap: FragmentReader.Gap?) {
    if gap == .corrupt { lostCorrupt += samples } else { lostFull += samples }
  }
}
