import Foundation
import Glibc

/// A document that the server refused for good.
public struct DeadLetter: Sendable, Equatable, Codable {
  /// When; RFC 3339, UTC.
  public var time: String
  /// The document's `_id`.
  public var id: String
  /// Where it was to go.
  public var index: String
  /// The status of the item, or of the request.
  public var status: Int
  /// What the server calls the error, and its words; at most 1024 characters.
  public var type: String
  public var reason: String
  /// The document as it was sent.
  public var document: String
}

/// The file of dead letters: a JSON object a line. What stands behind what the checkpoint knows is cut, since its lines come again.
final class DeadLetterFile {
  private let path: String
  private var descriptor: CInt
  private(set) var length: UInt64

  init(path: String, length: UInt64) throws(DiskFailure) {
    self.path = path
    let isNew = access(path, F_OK) != 0
    descriptor = open(path, O_RDWR | O_CREAT | O_CLOEXEC | O_NOFOLLOW, 0o600)
    guard descriptor >= 0 else { throw DiskFailure(operation: "open", path: path, code: errno) }
    var status = stat()
    guard fstat(descriptor, &status) == 0 else {
      throw DiskFailure(operation: "stat", path: path, code: errno)
    }
    self.length = min(length, UInt64(max(status.st_size, 0)))
    guard ftruncate(descriptor, off_t(self.length)) == 0 else {
      throw DiskFailure(operation: "truncate", path: path, code: errno)
    }
    if isNew { try synchronizeFolder(of: path) }
  }

  deinit { close(descriptor) }

  /// Appends all letters, or none, and returns when the disk has them.
  func append(_ letters: [DeadLetter]) throws {
    guard !letters.isEmpty else { return }
    var bytes: [UInt8] = []
    for letter in letters { bytes += try Self.line(letter) }
    // What an append that failed has left is written over.
    guard lseek(descriptor, off_t(length), SEEK_SET) >= 0 else {
      throw DiskFailure(operation: "seek", path: path, code: errno)
    }
    try writeAll(bytes, to: descriptor, path: path)
    guard fdatasync(descriptor) == 0 else {
      throw DiskFailure(operation: "fdatasync", path: path, code: errno)
    }
    length += UInt64(bytes.count)
  }

  static func line(_ letter: DeadLetter) throws -> [UInt8] {
    let encoder = JSONEncoder()
    encoder.outputFormatting = [.sortedKeys, .withoutEscapingSlashes]
    return Array(try encoder.encode(letter)) + [10]
  }

  /// The letters of a file, up to `length` bytes.
  ///
  /// - Throws: where a line is none, so that it is not taken for one that is done with.
  static func read(_ path: String, length: UInt64) throws -> [DeadLetter] {
    guard let bytes = try readFile(path, atMost: 1 << 31) else { return [] }
    let decoder = JSONDecoder()
    return try bytes.prefix(Int(clamping: length)).split(separator: 10).enumerated().map { index, line in
      do {
        return try decoder.decode(DeadLetter.self, from: Data(line))
      } catch {
        throw ShipperError.disk("\(path): line \(index + 1) is no dead letter")
      }
    }
  }
}
