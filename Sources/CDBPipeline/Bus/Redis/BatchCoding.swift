import CDBDomain

/// A ``Batch`` as bytes, for a bus between processes.
///
/// The first byte is the version, ``version``; a reader refuses others. What a process measured on its own clock, the
/// moment of intake, travels as an age and as the wall clock's time at sending.
public enum BatchCoding {
  public static let version: UInt8 = 1

  /// - Throws: what `JSONEncoder` throws of an event that it cannot take.
  public static func encode(_ batch: Batch, clock: PipelineClock = .process) throws -> [UInt8] {
    var writer = ByteWriter(capacity: 64 + batch.envelopes.count * 48)
    writer.byte(version)
    writer.byte(batch.stream.number)
    writer.unsigned(UInt64(batch.partition))
    writer.unsigned(batch.firstSequence)
    writer.signed(batch.watermark.nanoseconds)
    switch batch.marker {
    case nil: writer.byte(0)
    case .barrier(let number):
      writer.byte(1)
      writer.unsigned(number)
    case .end: writer.byte(2)
    }
    if batch.ingestedAt == 0 {
      writer.byte(0)
    } else {
      let now = clock.monotonic()
      writer.byte(1)
      writer.unsigned(now - min(now, batch.ingestedAt))
      writer.signed(clock.wall().nanoseconds)
    }
    writer.signed(batch.feedDelay)
    writer.unsigned(UInt64(batch.envelopes.count))
    var time: Int64 = 0
    var origin: UInt64 = 0
    for envelope in batch.envelopes {
      writer.signed(envelope.time.nanoseconds &- time)
      writer.signed(Int64(bitPattern: envelope.origin &- origin))
      (time, origin) = (envelope.time.nanoseconds, envelope.origin)
      try writer.event(envelope.event)
    }
    return writer.bytes
  }

  /// - Throws: ``BatchCodingError`` where the bytes are not one batch, whole and alone.
  public static func decode(
    _ bytes: UnsafeRawBufferPointer, clock: PipelineClock = .process
  ) throws(BatchCodingError) -> Batch {
    var reader = ByteReader(bytes)
    let version = try reader.byte()
    guard version == Self.version else {
      throw reader.problem("version \(version), of which this program knows \(Self.version) alone")
    }
    guard let stream = StreamName(number: try reader.byte()) else { throw reader.problem("an unknown edge") }
    let partition: UInt16 = try reader.small("the partition")
    let first = try reader.unsigned()
    let watermark = EventTime(nanoseconds: try reader.signed())
    let marker: Marker?
    switch try reader.byte() {
    case 0: marker = nil
    case 1: marker = .barrier(try reader.unsigned())
    case 2: marker = .end
    default: throw reader.problem("an unknown marker")
    }
    let ingestedAt = try ingestedAt(&reader, clock)
    let feedDelay = try reader.signed()
    // An envelope is two numbers and a kind.
    let count = try reader.count(ofAtLeast: 3)
    guard first >= 1, !first.addingReportingOverflow(UInt64(count)).overflow else {
      throw reader.problem("numbers that there are not")
    }
    var envelopes: [Envelope] = []
    envelopes.reserveCapacity(count)
    var time: Int64 = 0
    var origin: UInt64 = 0
    for _ in 0..<count {
      time &+= try reader.signed()
      origin &+= UInt64(bitPattern: try reader.signed())
      envelopes.append(
        Envelope(time: EventTime(nanoseconds: time), origin: origin, event: try reader.event()))
    }
    guard reader.remaining == 0 else { throw reader.problem("something follows") }
    return Batch(
      stream: stream, partition: partition, firstSequence: first, envelopes: envelopes, watermark: watermark,
      marker: marker, ingestedAt: ingestedAt, feedDelay: feedDelay)
  }

  /// When it was taken in, on this process's clock; 0 where that is not known.
  private static func ingestedAt(
    _ reader: inout ByteReader, _ clock: PipelineClock
  ) throws(BatchCodingError) -> UInt64 {
    switch try reader.byte() {
    case 0: return 0
    case 1:
      let age = try reader.unsigned()
      let sent = try reader.signed()
      let (underWay, overflow) = clock.wall().nanoseconds.subtractingReportingOverflow(sent)
      let now = clock.monotonic()
      let (total, tooOld) = age.addingReportingOverflow(overflow ? 0 : UInt64(max(0, underWay)))
      // At least 1: 0 says that it is not known.
      return max(1, now - min(now, tooOld ? now : total))
    default: throw reader.problem("an unknown form of the time of intake")
    }
  }
}

extension StreamName {
  /// The edge as a batch's bytes name it; never changed.
  var number: UInt8 {
    switch self {
    case .marketData: 1
    case .signals: 2
    case .orders: 3
    case .orderResults: 4
    case .feedback: 5
    }
  }

  init?(number: UInt8) {
    guard let found = Self.allCases.first(where: { $0.number == number }) else { return nil }
    self = found
  }
}
