import CHiredis
import NIOCore

/// A command with its arguments, as bytes.
public struct RedisCommand: Sendable, CustomStringConvertible {
  /// The command's name, for errors.
  public let name: String
  /// Name and arguments, one after the other.
  private var bytes: [UInt8]
  /// Where each of them ends.
  private var ends: [Int]

  /// - Parameter words: the name and the first arguments.
  public init(_ words: String...) {
    name = words.first ?? ""
    bytes = []
    ends = []
    for word in words { append(word) }
  }

  public mutating func append(_ text: String) {
    bytes.append(contentsOf: text.utf8)
    ends.append(bytes.count)
  }

  public mutating func append(_ value: some Collection<UInt8>) {
    bytes.append(contentsOf: value)
    ends.append(bytes.count)
  }

  public mutating func append(_ number: some FixedWidthInteger) { append(String(number)) }

  /// The length of name and arguments, bytes.
  public var size: Int { bytes.count }

  /// The name alone: arguments may be secret.
  public var description: String { name }

  /// Appends the command as it goes over the wire; false where memory is short or it is too long for the protocol.
  func write(to buffer: inout ByteBuffer) -> Bool {
    bytes.withUnsafeBufferPointer { bytes in
      bytes.withMemoryRebound(to: CChar.self) { characters in
        var start = 0
        var words: [UnsafePointer<CChar>?] = []
        var lengths: [Int] = []
        words.reserveCapacity(ends.count)
        lengths.reserveCapacity(ends.count)
        for end in ends {
          words.append(characters.baseAddress.map { $0 + start })
          lengths.append(end - start)
          start = end
        }
        var formatted: UnsafeMutablePointer<CChar>?
        let count = redisFormatCommandArgv(&formatted, Int32(words.count), &words, lengths)
        guard count > 0, let formatted else { return false }
        buffer.writeBytes(UnsafeRawBufferPointer(start: formatted, count: Int(count)))
        redisFreeCommand(formatted)
        return true
      }
    }
  }
}
