import OpenMetrics

extension ReceivedRequest {
  /// Reads an exposition in text: the lines of a scrape, of which each may have a time.
  ///
  /// - Parameters:
  ///   - isOpenMetrics: whether times are in seconds and the end is marked.
  ///   - time: of samples without one, in milliseconds since the epoch.
  ///   - extra: labels that every series gets.
  init(
    text body: [UInt8], isOpenMetrics: Bool, time: Int64, extra: [Label] = [], limits: Limits = Limits()
  ) throws(PushFault) {
    self.init(limits: limits)
    try body.withUnsafeBufferPointer { bytes throws(PushFault) in
      var cursor = LineCursor(bytes, isOpenMetrics: isOpenMetrics)
      cursor.keepsComments = true
      var said: FamilyMetadata?
      var family: Int?
      do throws(ScrapeFault) {
        while try cursor.nextSample() {
          let comments = cursor.comments
          cursor.comments = []
          let place = try cursor.series()
          let rest = try cursor.rest()
          let exemplar = isOpenMetrics && cursor.isAtExemplar ? try cursor.exemplar() : nil
          let line = UnsafeRawBufferPointer(UnsafeBufferPointer(rebasing: bytes[place]))
          let labels: [Label]
          do throws(SeriesText.Fault) {
            labels = try SeriesText.labels(line)
          } catch {
            throw cursor.fault(error.reason)
          }
          do throws(PushFault) {
            if !comments.isEmpty {
              for line in comments {
                let last = said
                FamilyMetadata.read(UnsafeBufferPointer(rebasing: bytes[line]), into: &said)
                // Of a family that has no samples something may be said too.
                if let last, last.name != said?.name { try take(last) }
              }
              if let said { family = try take(said) }
            }
            guard let index = try take(labels, extra: extra, samples: 1) else { continue }
            if let family { take(index, family: family) }
            try take(index, bits: rest.bits, time: rest.time ?? time)
            if let exemplar { take(index, exemplar: exemplar) }
          } catch {
            throw error.isTooLarge ? .bodyTooLarge(limit: limits.allTextBytes) : cursor.fault("\(error)")
          }
        }
        if !cursor.comments.isEmpty {
          for line in cursor.comments {
            FamilyMetadata.read(UnsafeBufferPointer(rebasing: bytes[line]), into: &said)
            if let said { _ = try? take(said) }
          }
        }
      } catch {
        if case .bodyTooLarge = error { throw .tooLarge("\(error)") }
        throw .malformed("\(error)")
      }
    }
  }
}
