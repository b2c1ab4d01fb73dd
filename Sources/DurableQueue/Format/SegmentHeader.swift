/// What a segment says about itself; see ``Format`` for the layout.
struct SegmentHeader: Equatable, Sendable {
  /// Mixed into every record's checksum.
  var salt: UInt32
  /// The sequence of the first record, also when there is none yet.
  var firstSequence: UInt64
  /// The first sequence of the segment before this one, or 0.
  var predecessor: UInt64

  /// Both copies, as they stand at the start of the file.
  func encoded() -> [UInt8] {
    var copy = Format.magic
    copy.appendLittleEndian(Format.version)
    copy.appendLittleEndian(salt)
    copy.appendLittleEndian(firstSequence)
    copy.appendLittleEndian(predecessor)
    copy.appendLittleEndian(UInt32(0))
    copy.appendLittleEndian(copy.withUnsafeBytes { checksum($0) })
    return copy + copy
  }

  /// The header in `bytes`, from whichever copy is whole.
  init(decoding bytes: UnsafeRawBufferPointer) throws(FaultReason) {
    guard bytes.count >= Format.headerBytes else { throw .truncatedHeader }
    for start in [0, Format.headerCopyBytes] {
      let copy = UnsafeRawBufferPointer(rebasing: bytes[start..<start + Format.headerCopyBytes])
      guard copy.starts(with: Format.magic),
        copy.littleEndian(UInt32.self, at: 36) == checksum(UnsafeRawBufferPointer(rebasing: copy[..<36]))
      else { continue }
      let version = copy.littleEndian(UInt32.self, at: 8)
      guard version == Format.version else { throw .unsupportedVersion(version) }
      salt = copy.littleEndian(UInt32.self, at: 12)
      firstSequence = copy.littleEndian(UInt64.self, at: 16)
      predecessor = copy.littleEndian(UInt64.self, at: 24)
      return
    }
    throw .damagedHeader
  }

  init(salt: UInt32, firstSequence: UInt64, predecessor: UInt64) {
    self.salt = salt
    self.firstSequence = firstSequence
    self.predecessor = predecessor
  }
}

extension [UInt8] {
  fileprivate mutating func appendLittleEndian(_ value: some FixedWidthInteger) {
    Swift.withUnsafeBytes(of: value.littleEndian) { append(contentsOf: $0) }
  }
}
