/// Records on their way into a ``DurableQueue``, back to back in one buffer.
///
/// Keep one and reuse it with ``removeAll(keepingCapacity:)``: once warm, nothing is allocated. The
/// payload's checksum is taken here, on the caller's thread and outside the queue's lock, so it also
/// covers what happens to the bytes in memory until they are written.
public struct RecordBatch: Sendable {
  /// Frames as on disk, except that sequence and frame checksum are still zero.
  private(set) var storage: [UInt8] = []
  /// The length of a record that was too long to be taken, for the error of the append.
  private(set) var refusedPayloadBytes: Int?

  /// How many records there are.
  public private(set) var count = 0

  public init() {}

  /// What the batch takes on disk: payloads and 20 bytes a record.
  public var byteCount: Int { storage.count }

  public var isEmpty: Bool { count == 0 }

  /// Adds one record, whose payload is `header` and then `payload`.
  ///
  /// A record longer than 256 MiB is not taken, and makes the append of this batch throw
  /// ``DurableQueueError/recordTooLarge(bytes:)``.
  public mutating func append(header: UnsafeRawBufferPointer, payload: UnsafeRawBufferPointer) {
    let length = header.count + payload.count
    guard length <= Format.maximumPayloadBytes else {
      refusedPayloadBytes = length
      return
    }
    let crc = checksum(payload, continuing: checksum(header))
    let frame = (
      UInt64(length) << 32, UInt64(0), crc.littleEndian
    )
    withUnsafeBytes(of: (frame.0.littleEndian, frame.1, frame.2)) {
      storage.append(contentsOf: UnsafeRawBufferPointer(rebasing: $0[..<Format.frameBytes]))
    }
    storage.append(contentsOf: header)
    storage.append(contentsOf: payload)
    count += 1
  }

  /// Adds one record.
  public mutating func append(_ payload: UnsafeRawBufferPointer) {
    append(header: UnsafeRawBufferPointer(start: nil, count: 0), payload: payload)
  }

  /// Adds one record.
  public mutating func append(_ bytes: [UInt8]) {
    bytes.withUnsafeBytes { append($0) }
  }

  /// Empties the batch for the next records.
  public mutating func removeAll(keepingCapacity: Bool = true) {
    storage.removeAll(keepingCapacity: keepingCapacity)
    refusedPayloadBytes = nil
    count = 0
  }
}
