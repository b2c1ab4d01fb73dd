import CSnappy

/// The block format of snappy: the length of the content as a varint, then literals and copies. Not the framed format.
public enum SnappyBlock {
  /// Why bytes are no block.
  public enum Fault: Error, Sendable, Equatable, CustomStringConvertible {
    case malformed
    /// It says that it holds more than the limit.
    case tooLarge(bytes: Int, limit: Int)

    public var description: String {
      switch self {
      case .malformed: "not a snappy block"
      case .tooLarge(let bytes, let limit): "a snappy block of \(bytes) bytes, of at most \(limit)"
      }
    }
  }

  public static func compress(_ bytes: [UInt8]) -> [UInt8] {
    var length = snappy_max_compressed_length(bytes.count)
    return [UInt8](unsafeUninitializedCapacity: length) { target, count in
      let status = bytes.withUnsafeBytes { source in
        target.withMemoryRebound(to: CChar.self) {
          snappy_compress(
            source.bindMemory(to: CChar.self).baseAddress, source.count, $0.baseAddress, &length)
        }
      }
      count = status == SNAPPY_OK ? length : 0
    }
  }

  /// - Parameter limit: of the content, in bytes.
  public static func decompress(_ block: [UInt8], limit: Int = 256 << 20) throws(Fault) -> [UInt8] {
    guard let header = header(of: block) else { throw .malformed }
    guard header.content <= limit else { throw .tooLarge(bytes: header.content, limit: limit) }
    var length = header.content
    var isWhole = false
    let bytes = [UInt8](unsafeUninitializedCapacity: length) { target, count in
      let status = block.withUnsafeBytes { source in
        target.withMemoryRebound(to: CChar.self) {
          snappy_uncompress(
            source.bindMemory(to: CChar.self).baseAddress, source.count, $0.baseAddress, &length)
        }
      }
      isWhole = status == SNAPPY_OK
      count = isWhole ? length : 0
    }
    guard isWhole else { throw .malformed }
    return bytes
  }

  /// One block of the contents of all, one after the other. Copies reach back by a distance and never before their own
  /// block's begin, so the parts behind the lengths are joined as they are.
  public static func join(_ blocks: [[UInt8]]) throws(Fault) -> [UInt8] {
    if blocks.count == 1 { return blocks[0] }
    var content = 0
    var size = 10
    for block in blocks {
      guard let header = header(of: block) else { throw .malformed }
      content += header.content
      size += block.count
    }
    guard content <= Int(UInt32.max) else { throw .tooLarge(bytes: content, limit: Int(UInt32.max)) }
    var joined: [UInt8] = []
    joined.reserveCapacity(size)
    WireWriter.append(varint: UInt64(content), to: &joined)
    for block in blocks {
      if let header = header(of: block) { joined += block[header.length...] }
    }
    return joined
  }

  /// How long the header is, and what length of the content it tells; nil where there is none.
  static func header(of block: [UInt8]) -> (length: Int, content: Int)? {
    var content: UInt64 = 0
    for (index, byte) in block.prefix(5).enumerated() {
      content |= UInt64(byte & 0x7F) << (7 * UInt64(index))
      if byte < 0x80 { return content <= UInt64(UInt32.max) ? (index + 1, Int(content)) : nil }
    }
    return nil
  }
}
