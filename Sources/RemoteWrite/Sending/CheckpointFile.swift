import CCRC32C
import Foundation
import Glibc

/// One value on the disk that is replaced as a whole: two slots, written in turn, each with its number and checksum. A write that
/// is cut short leaves the other slot, and none needs room on the disk that it does not have already.
final class CheckpointFile {
  struct Failure: Error, Sendable, CustomStringConvertible {
    let operation: String
    let path: String
    let code: Int32
    var description: String { "\(operation) \(path): \(String(cString: strerror(code)))" }
  }

  static let slotBytes = 4_096
  /// Mark, number, length, checksum.
  private static let headerBytes = 24
  private static let mark: UInt32 = 0x4B43_5752  // "RWCK"

  private let path: String
  private let descriptor: Int32
  private var number: UInt64 = 0

  /// Opens or makes the file; for looking, only opens it.
  init(path: String, isForReading: Bool = false) throws(Failure) {
    self.path = path
    descriptor = open(
      path, (isForReading ? O_RDONLY : O_RDWR | O_CREAT) | O_CLOEXEC | O_NOFOLLOW, 0o600)
    guard descriptor >= 0 else { throw Failure(operation: "open", path: path, code: errno) }
    guard !isForReading else { return }
    let code = posix_fallocate(descriptor, 0, off_t(2 * Self.slotBytes))
    guard code == 0 else {
      close(descriptor)
      throw Failure(operation: "allocate", path: path, code: code)
    }
  }

  deinit { close(descriptor) }

  /// The newest value that is whole; nil where there is none.
  func read() -> [UInt8]? {
    let slots = (0..<2).compactMap(slot)
    guard let newest = slots.max(by: { $0.number < $1.number }) else { return nil }
    number = newest.number
    return newest.content
  }

  /// Replaces the value, and returns when the disk has it.
  func write(_ content: [UInt8]) throws(Failure) {
    guard content.count <= Self.slotBytes - Self.headerBytes else {
      throw Failure(operation: "write", path: path, code: EFBIG)
    }
    let next = number + 1
    var bytes: [UInt8] = []
    withUnsafeBytes(of: Self.mark.littleEndian) { bytes += $0 }
    withUnsafeBytes(of: UInt32(content.count).littleEndian) { bytes += $0 }
    withUnsafeBytes(of: next.littleEndian) { bytes += $0 }
    withUnsafeBytes(of: UInt64(Self.checksum(bytes, content)).littleEndian) { bytes += $0 }
    bytes += content
    let offset = off_t(next % 2) * off_t(Self.slotBytes)
    var written = 0
    while written < bytes.count {
      let count = bytes.withUnsafeBytes {
        pwrite(descriptor, $0.baseAddress?.advanced(by: written), $0.count - written, offset + off_t(written))
      }
      if count < 0, errno == EINTR { continue }
      guard count > 0 else { throw Failure(operation: "write", path: path, code: count < 0 ? errno : EIO) }
      written += count
    }
    guard fdatasync(descriptor) == 0 else { throw Failure(operation: "fdatasync", path: path, code: errno) }
    number = next
  }

  private func slot(_ index: Int) -> (number: UInt64, content: [UInt8])? {
    var bytes = [UInt8](repeating: 0, count: Self.slotBytes)
    let count = bytes.withUnsafeMutableBytes {
      pread(descriptor, $0.baseAddress, $0.count, off_t(index * Self.slotBytes))
    }
    guard count >= Self.headerBytes else { return nil }
    let (mark, length, number, crc) = bytes.withUnsafeBytes {
      (
        UInt32(littleEndian: $0.loadUnaligned(fromByteOffset: 0, as: UInt32.self)),
        Int(UInt32(littleEndian: $0.loadUnaligned(fromByteOffset: 4, as: UInt32.self))),
        UInt64(littleEndian: $0.loadUnaligned(fromByteOffset: 8, as: UInt64.self)),
        UInt64(littleEndian: $0.loadUnaligned(fromByteOffset: 16, as: UInt64.self))
      )
    }
    guard mark == Self.mark, length <= count - Self.headerBytes else { return nil }
    let content = Array(bytes[Self.headerBytes..<Self.headerBytes + length])
    guard crc == UInt64(Self.checksum(Array(bytes[..<16]), content)) else { return nil }
    return (number, content)
  }

  private static func checksum(_ header: [UInt8], _ content: [UInt8]) -> UInt32 {
    ccrc32c(ccrc32c(0, header, header.count), content, content.count)
  }
}
