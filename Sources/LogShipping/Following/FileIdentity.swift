import Glibc

/// Which file it is, as long as it is there: an inode is used again when it is gone.
struct FileIdentity: Hashable, Sendable, Codable {
  var device: UInt64
  var inode: UInt64

  init(device: UInt64, inode: UInt64) {
    self.device = device
    self.inode = inode
  }

  init(_ status: stat) {
    device = UInt64(status.st_dev)
    inode = UInt64(status.st_ino)
  }
}

/// A hash of some bytes of a file, and how many they are.
struct Fingerprint: Equatable, Sendable, Codable {
  /// Of the bytes at a file's start.
  static let longestPrefix = 1_024
  /// Of the bytes before a position.
  static let longestTail = 256

  var length: Int
  /// FNV-1a, 64 bits.
  var hash: UInt64

  static let none = Fingerprint([])

  init<Bytes: Sequence>(_ bytes: Bytes) where Bytes.Element == UInt8 {
    var hash: UInt64 = 0xcbf2_9ce4_8422_2325
    var length = 0
    for byte in bytes {
      hash = (hash ^ UInt64(byte)) &* 0x100_0000_01b3
      length += 1
    }
    self.length = length
    self.hash = hash
  }
}
