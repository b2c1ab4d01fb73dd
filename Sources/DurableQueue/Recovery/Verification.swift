/// Reads every segment of a source from end to end and names all faults.
struct Verification {
  let source: any SegmentSource

  func run() throws(DurableQueueError) -> VerificationReport {
    var report = VerificationReport()
    let buffer = ScanBuffer()
    var next = try source.segment(holding: 0)
    while let view = next {
      report.segments += 1
      read(view, buffer: buffer, into: &report)
      guard let successor = view.successor else { break }
      next = try source.view(of: successor)
    }
    return report
  }

  private func read(_ view: SegmentView, buffer: ScanBuffer, into report: inout VerificationReport) {
    // What the segment must reach; only the newest segment of somebody else's log may end anywhere.
    let due = view.successor ?? view.nextSequence
    do throws(FaultReason) {
      let file = try OpenFile.open(source.directory.path(of: view.name), name: view.name)
      let size = file.size
      let limit = view.limit ?? size
      report.bytes += size
      if view.limit == nil, view.successor == nil, size == 0 { return }
      let header = try file.readHeader()
      guard header.firstSequence == view.firstSequence else {
        throw .misnamed(headerSays: header.firstSequence)
      }
      let scan = SegmentScan(file, header: header, limit: limit, buffer: buffer)
      report.records += scan.records
      report.faults += scan.faults
      guard let due else { return }
      let lost = closedRange(scan.nextSequence, upTo: due)
      if scan.tail != nil || lost != nil {
        report.faults.append(
          LogFault(
            file: view.name, offset: scan.end, bytes: max(0, limit - scan.end),
            reason: scan.tail ?? .missingRecords, lostSequences: lost))
      }
    } catch {
      report.faults.append(
        LogFault(
          file: view.name, offset: 0, bytes: view.limit ?? 0, reason: error,
          lostSequences: due.flatMap { closedRange(view.firstSequence, upTo: $0) }))
    }
  }
}
