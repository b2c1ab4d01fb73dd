import Glibc

/// Makes a directory, whatever is in it, into a log that can be appended to.
///
/// The newest segment is read from end to end, of the others only the headers: opening takes as long as
/// reading one segment. Content never makes it fail; only the operating system can.
struct Recovery {
  let directory: QueueDirectory
  let system: SystemCalls

  private(set) var report = OpenReport()
  private var segments: [Segment] = []
  private var rejected: [Rejected] = []
  private let buffer = ScanBuffer()

  private struct Segment {
    var header: SegmentHeader
    var bytes: Int

    var name: String { SegmentName.render(header.firstSequence) }
  }

  /// A file that was named like a segment and is none; already kept aside.
  private struct Rejected {
    var firstSequence: UInt64
    var fault: LogFault
  }

  struct Log {
    var report: OpenReport
    var entries: [SegmentCatalog.Entry]
    var active: ActiveSegment
  }

  init(directory: QueueDirectory, system: SystemCalls) {
    self.directory = directory
    self.system = system
  }

  mutating func run() throws(DurableQueueError) -> Log {
    try directory.remove(Format.temporaryName)
    try readHeaders()
    try nameGaps()
    var reusable = try recoverNewest()
    claimRejectedTail(&reusable)
    if let reusable { return try finish(reusable) }
    return try finish(
      ActiveSegment.create(
        in: directory, firstSequence: report.nextSequence,
        predecessor: segments.last?.header.firstSequence ?? 0, system: system))
  }

  /// Sorts the files into segments and what only has such a name, which is moved aside.
  private mutating func readHeaders() throws(DurableQueueError) {
    for first in try directory.segments() {
      let name = SegmentName.render(first)
      var code: Int32 = 0
      do throws(FaultReason) {
        let file = try OpenFile.open(directory.path(of: name), name: name, writable: true)
        let header = try file.readHeader()
        guard header.firstSequence == first else { throw .misnamed(headerSays: header.firstSequence) }
        segments.append(Segment(header: header, bytes: file.size))
        code = system.syncAll(file.descriptor)
      } catch {
        // Refused permission, too many open files: not the content's fault, and not a reason to move it.
        if case .unreadable(let code) = error, code != EIO {
          throw .system(operation: "open", path: directory.path(of: name), errno: code)
        }
        var status = stat()
        let bytes = stat(directory.path(of: name), &status) == 0 ? Int(status.st_size) : 0
        let kept = try directory.setAside(name)
        rejected.append(
          Rejected(
            firstSequence: first,
            fault: LogFault(file: kept, offset: 0, bytes: bytes, reason: error, lostSequences: nil)))
      }
      // What a killed process left in the page cache is made durable before it is shown.
      guard code == 0 else { throw .durabilityLost(file: name, errno: code) }
    }
  }

  /// Names the sequences that are lost before and between the segments.
  private mutating func nameGaps() throws(DurableQueueError) {
    for (index, segment) in segments.enumerated() {
      let begin = segment.header.firstSequence
      let before = index > 0 ? segments[index - 1] : nil
      let lower = before?.header.firstSequence ?? 0
      let inside = rejected.filter { lower..<begin ~= $0.firstSequence }
      // Unbroken chain, nothing between: the usual case costs no reading.
      if inside.isEmpty, segment.header.predecessor == lower || before == nil { continue }
      var cursor = inside.first?.firstSequence ?? begin
      if let before {
        cursor = try scan(before).result.nextSequence
        if let lost = closedRange(cursor, upTo: inside.first?.firstSequence ?? begin) {
          report.quarantined.append(
            LogFault(
              file: SegmentName.render(lost.lowerBound), offset: 0, bytes: 0, reason: .missing,
              lostSequences: lost))
        }
      }
      for (place, item) in inside.enumerated() {
        let end = place + 1 < inside.count ? inside[place + 1].firstSequence : begin
        var fault = item.fault
        fault.lostSequences = closedRange(max(cursor, item.firstSequence), upTo: end)
        report.quarantined.append(fault)
      }
    }
  }

  /// Reads the newest segment and cuts its torn tail; nil if nothing may be appended to it.
  private mutating func recoverNewest() throws(DurableQueueError) -> ActiveSegment? {
    guard let newest = segments.last else { return nil }
    let (file, scan) = try scan(newest)
    if let reason = scan.tail {
      var code = system.truncate(file.descriptor, scan.end)
      guard code == 0 else {
        throw .system(operation: "ftruncate", path: directory.path(of: newest.name), errno: code)
      }
      code = system.syncAll(file.descriptor)
      guard code == 0 else { throw .durabilityLost(file: newest.name, errno: code) }
      report.tornTail = OpenReport.TornTail(
        file: newest.name, offset: scan.end, bytes: newest.bytes - scan.end, reason: reason)
      segments[segments.count - 1].bytes = scan.end
    }
    report.nextSequence = scan.nextSequence
    report.quarantined += scan.faults
    // A damaged segment is left as it is, for whoever wants to look; the log goes on in a new one.
    guard scan.faults.isEmpty else { return nil }
    return ActiveSegment(file: file, header: newest.header, end: scan.end)
  }

  private func scan(_ segment: Segment) throws(DurableQueueError) -> (file: OpenFile, result: SegmentScan) {
    do throws(FaultReason) {
      let file = try OpenFile.open(directory.path(of: segment.name), name: segment.name, writable: true)
      return (
        file, SegmentScan(file, header: segment.header, limit: segment.bytes, buffer: buffer)
      )
    } catch {
      // It was readable a moment ago: this is the operating system, not the content.
      var code = EIO
      if case .unreadable(let reported) = error { code = reported }
      throw .system(operation: "open", path: directory.path(of: segment.name), errno: code)
    }
  }

  /// Files behind the newest segment that are none: their sequences may have been given out and are not
  /// used again. How many they were is bounded by the file's length, so a stray file with a huge number
  /// for a name does not move the log.
  private mutating func claimRejectedTail(_ reusable: inout ActiveSegment?) {
    let newestFirst = segments.last?.header.firstSequence
    var believed = report.nextSequence
    if let newest = segments.last, let torn = report.tornTail {
      believed += UInt64((torn.bytes + newest.bytes) / Format.frameBytes)
    }
    for item in rejected where newestFirst.map({ item.firstSequence > $0 }) ?? true {
      var fault = item.fault
      if newestFirst == nil || item.firstSequence <= believed {
        let first = report.nextSequence
        let end = item.firstSequence + UInt64(fault.bytes / Format.frameBytes)
        if let lost = closedRange(newestFirst == nil ? item.firstSequence : first, upTo: end) {
          fault.lostSequences = lost
          report.nextSequence = max(first, end)
          reusable = nil
        } else if item.firstSequence > report.nextSequence {
          report.nextSequence = item.firstSequence
          reusable = nil
        }
        believed = report.nextSequence
      }
      report.quarantined.append(fault)
    }
  }

  private mutating func finish(_ active: ActiveSegment) throws(DurableQueueError) -> Log {
    try directory.synchronize()
    var entries = segments.map {
      SegmentCatalog.Entry(firstSequence: $0.header.firstSequence, bytes: $0.bytes)
    }
    if entries.last?.firstSequence != active.header.firstSequence {
      entries.append(.init(firstSequence: active.header.firstSequence, bytes: active.end))
    }
    report.firstSequence = entries.first?.firstSequence ?? report.nextSequence
    return Log(report: report, entries: entries, active: active)
  }
}
