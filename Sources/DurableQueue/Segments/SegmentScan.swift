/// The result of reading one segment from end to end.
struct SegmentScan {
  var records: UInt64 = 0
  /// Behind the last good record.
  var end: Int
  /// The sequence after the last good record.
  var nextSequence: UInt64
  /// Parts that are followed by good records.
  var faults: [LogFault] = []
  /// What is behind the last good record, if it is no record.
  var tail: FaultReason?

  /// Reads the records of `file` up to `limit`.
  init(_ file: OpenFile, header: SegmentHeader, limit: Int, buffer: ScanBuffer) {
    var scanner = SegmentScanner(file: file, header: header, buffer: buffer)
    scan: while true {
      switch scanner.peek(limit: limit) {
      case .record(let payload):
        scanner.advance(past: payload)
        records += 1
      case .end:
        break scan
      case .fault(let reason):
        let (offset, sequence) = (scanner.offset, scanner.sequence)
        guard scanner.resynchronize(limit: limit) else {
          tail = reason
          break scan
        }
        faults.append(
          LogFault(
            file: file.name, offset: offset, bytes: scanner.offset - offset, reason: reason,
            lostSequences: closedRange(sequence, upTo: scanner.sequence)))
      }
    }
    end = scanner.offset
    nextSequence = scanner.sequence
  }
}
