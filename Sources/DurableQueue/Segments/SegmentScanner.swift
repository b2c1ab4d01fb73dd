/// Walks the records of one segment and checks each; knows how to go on after damage.
struct SegmentScanner {
  enum Step {
    /// The record due; the payload is valid until the next call.
    case record(UnsafeRawBufferPointer)
    /// The segment ends here, whole.
    case end
    case fault(FaultReason)
  }

  let file: OpenFile
  let header: SegmentHeader
  /// Where the next record begins.
  private(set) var offset: Int
  /// The sequence the next record must have.
  private(set) var sequence: UInt64
  private let buffer: ScanBuffer

  init(file: OpenFile, header: SegmentHeader, buffer: ScanBuffer = ScanBuffer()) {
    self.file = file
    self.header = header
    self.buffer = buffer
    offset = Format.headerBytes
    sequence = header.firstSequence
    buffer.invalidate()
  }

  /// The record at `offset`, without going past it.
  ///
  /// - Parameter limit: where the segment ends.
  @inline(__always)
  func peek(limit: Int) -> Step {
    let remaining = limit - offset
    if remaining <= 0 { return .end }
    do throws(FaultReason) {
      guard remaining >= Format.frameBytes else {
        let rest = try buffer.bytes(of: file, at: offset, count: remaining, limit: limit)
        return .fault(rest.allSatisfy { $0 == 0 } ? .zeroFilled : .truncatedRecord)
      }
      let bytes = try buffer.bytes(of: file, at: offset, count: Format.frameBytes, limit: limit)
      guard bytes.count == Format.frameBytes else { return .fault(.truncatedRecord) }
      guard let frame = RecordFrame(bytes, at: 0, salt: header.salt) else {
        return .fault(bytes.allSatisfy { $0 == 0 } ? .zeroFilled : .damagedFrame)
      }
      guard frame.sequence == sequence else { return .fault(.unexpectedSequence(frame.sequence)) }
      let total = Format.frameBytes + frame.length
      guard total <= remaining else { return .fault(.truncatedRecord) }
      let record = try buffer.bytes(of: file, at: offset, count: total, limit: limit)
      guard record.count == total else { return .fault(.truncatedRecord) }
      let payload = UnsafeRawBufferPointer(rebasing: record[Format.frameBytes...])
      guard checksum(payload) == frame.payloadChecksum else { return .fault(.damagedPayload) }
      return .record(payload)
    } catch {
      return .fault(error)
    }
  }

  /// Goes past the record that ``peek(limit:)`` returned.
  @inline(__always)
  mutating func advance(past payload: UnsafeRawBufferPointer) {
    offset += Format.frameBytes + payload.count
    sequence += 1
  }

  /// Goes to the next good record behind a fault; false, and stays, when there is none before `limit`.
  ///
  /// The search looks at every byte for a frame whose sequence can be there, which leaves next to nothing
  /// to compute a checksum of.
  mutating func resynchronize(limit: Int) -> Bool {
    var candidate = offset + 1
    while candidate + Format.frameBytes <= limit {
      let window = min(ScanBuffer.chunkBytes, limit - candidate)
      guard
        let bytes = try? buffer.bytes(of: file, at: candidate, count: window, limit: limit),
        bytes.count >= Format.frameBytes
      else { return false }
      let positions = bytes.count - Format.frameBytes + 1
      var position = 0
      while position < positions {
        let found = bytes.littleEndian(UInt64.self, at: position + 8)
        // No more records can be lost than fit between here and there.
        let most = UInt64((candidate + position - offset) / Format.frameBytes + 1)
        if found >= sequence, found - sequence <= most,
          RecordFrame(bytes, at: position, salt: header.salt) != nil
        {
          var there = self
          there.offset = candidate + position
          there.sequence = found
          if case .record = there.peek(limit: limit) {
            self = there
            return true
          }
          break  // the peek moved the window
        }
        position += 1
      }
      candidate += min(position + 1, positions)
    }
    return false
  }

  /// Goes to the end of what is known to be there.
  mutating func jump(toOffset offset: Int, sequence: UInt64) {
    self.offset = offset
    self.sequence = sequence
  }

  /// Forgets bytes that were read ahead, because the file may have changed.
  func invalidate() { buffer.invalidate() }
}
