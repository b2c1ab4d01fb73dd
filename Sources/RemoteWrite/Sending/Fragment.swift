/// A part of a request as it waits in the queue: the messages of samples of which no two are of one series.
struct Fragment: Sendable, Equatable {
  /// How many there are.
  var samples: Int
  /// Whether it must not be joined with others: the target gave the times, and what is wrong with them shall cost no other
  /// sample.
  var isAlone: Bool
  /// A `WriteRequest` in a snappy block.
  var body: [UInt8]
}

/// A fragment as a record of the queue.
struct FragmentRecord: Sendable, Equatable {
  static let headerBytes = 24
  private static let version: UInt8 = 1

  var fragment: Fragment
  /// How many samples came before it, since the queue was made.
  var samplesBefore: UInt64
  /// When it was appended, in milliseconds since the epoch.
  var time: Int64

  var samplesThrough: UInt64 { samplesBefore + UInt64(fragment.samples) }

  /// The record but for the body.
  var header: [UInt8] {
    var bytes: [UInt8] = [Self.version, fragment.isAlone ? 1 : 0, 0, 0]
    withUnsafeBytes(of: UInt32(fragment.samples).littleEndian) { bytes += $0 }
    withUnsafeBytes(of: samplesBefore.littleEndian) { bytes += $0 }
    withUnsafeBytes(of: time.littleEndian) { bytes += $0 }
    return bytes
  }

  init(fragment: Fragment, samplesBefore: UInt64, time: Int64) {
    self.fragment = fragment
    self.samplesBefore = samplesBefore
    self.time = time
  }

  /// Nil where the payload is none.
  init?(_ payload: UnsafeRawBufferPointer) {
    guard payload.count > Self.headerBytes, payload[0] == Self.version, payload[1] <= 1 else { return nil }
    let samples = UInt32(littleEndian: payload.loadUnaligned(fromByteOffset: 4, as: UInt32.self))
    samplesBefore = UInt64(littleEndian: payload.loadUnaligned(fromByteOffset: 8, as: UInt64.self))
    time = Int64(littleEndian: payload.loadUnaligned(fromByteOffset: 16, as: Int64.self))
    guard samplesBefore <= UInt64.max >> 1 else { return nil }
    fragment = Fragment(
      samples: Int(samples), isAlone: payload[1] == 1, body: Array(payload[Self.headerBytes...]))
  }
}
