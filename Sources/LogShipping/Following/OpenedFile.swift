import Glibc

/// An open file that is only read; of one that is packed by gzip, the text.
final class OpenedFile {
  let path: String
  let descriptor: CInt
  let identity: FileIdentity
  /// What its first bytes say that it is.
  let packing: Packing?
  /// The text of one that is packed by gzip.
  let packed: PackedText?

  struct Failure: Error, CustomStringConvertible {
    let operation: String
    let path: String
    let code: CInt
    var description: String { "\(operation) \(path): \(String(cString: strerror(code)))" }
  }

  /// Opens a regular file; a pipe or a device is refused, and not waited for.
  init(_ path: String) throws(Failure) {
    self.path = path
    descriptor = open(path, O_RDONLY | O_CLOEXEC | O_NONBLOCK | O_NOCTTY)
    guard descriptor >= 0 else { throw Failure(operation: "open", path: path, code: errno) }
    var status = stat()
    guard fstat(descriptor, &status) == 0, status.st_mode & S_IFMT == S_IFREG else {
      close(descriptor)
      throw Failure(operation: "read", path: path, code: EINVAL)
    }
    identity = FileIdentity(status)
    var mark = [UInt8](repeating: 0, count: Packing.markBytes)
    let count = mark.withUnsafeMutableBytes { [descriptor] in pread(descriptor, $0.baseAddress, $0.count, 0) }
    packing = Packing(mark.prefix(max(count, 0)))
    packed =
      packing == .gzip
      ? PackedText { [descriptor] in (try? Self.read(descriptor, path, $0, at: $1)) ?? 0 } : nil
  }

  deinit { close(descriptor) }

  /// Its length now, and whether it still has a name; nil where the file system does not say. Of one that is packed, the length of the
  /// text as far as was looked at.
  var state: (size: UInt64, hasName: Bool)? {
    guard let state = stored else { return nil }
    return packed.map { ($0.length, state.hasName) } ?? state
  }

  /// The same, with what it takes on the disk.
  var stored: (size: UInt64, hasName: Bool)? {
    var status = stat()
    guard fstat(descriptor, &status) == 0 else { return nil }
    return (UInt64(max(status.st_size, 0)), status.st_nlink > 0)
  }

  /// As many bytes as there are, up to what fits.
  func read(_ buffer: UnsafeMutableRawBufferPointer, at offset: UInt64) throws(Failure) -> Int {
    if let packed { return packed.read(buffer, at: offset) }
    return try Self.read(descriptor, path, buffer, at: offset)
  }

  private static func read(
    _ descriptor: CInt, _ path: String, _ buffer: UnsafeMutableRawBufferPointer, at offset: UInt64
  ) throws(Failure) -> Int {
    var filled = 0
    while filled < buffer.count {
      let count = pread(
        descriptor, buffer.baseAddress?.advanced(by: filled), buffer.count - filled,
        off_t(clamping: offset + UInt64(filled)))
      if count < 0, errno == EINTR { continue }
      guard count >= 0 else { throw Failure(operation: "read", path: path, code: errno) }
      if count == 0 { break }
      filled += count
    }
    return filled
  }

  /// These bytes, or as many of them as there are; none where they cannot be read.
  func bytes(_ count: Int, at offset: UInt64) -> [UInt8] {
    [UInt8](unsafeUninitializedCapacity: count) { buffer, filled in
      filled = (try? read(UnsafeMutableRawBufferPointer(buffer), at: offset)) ?? 0
    }
  }

  /// Whether the bytes at `offset` are those of a fingerprint.
  func has(_ fingerprint: Fingerprint, at offset: UInt64) -> Bool {
    fingerprint.length == 0 || Fingerprint(bytes(fingerprint.length, at: offset)) == fingerprint
  }
}

/// What a file is packed with.
enum Packing: Equatable {
  case gzip
  /// What cannot be unpacked, by its name.
  case other(String)

  /// How many first bytes tell it.
  static let markBytes = 6
  private static let marks: [(bytes: [UInt8], packing: Packing)] = [
    ([0x1F, 0x8B, 8], .gzip), ([0x28, 0xB5, 0x2F, 0xFD], .other("zstd")),
    ([0xFD, 0x37, 0x7A, 0x58, 0x5A, 0], .other("xz")),
  ]

  init?(_ bytes: some Collection<UInt8>) {
    guard let known = Self.marks.first(where: { bytes.starts(with: $0.bytes) }) else { return nil }
    self = known.packing
  }
}
