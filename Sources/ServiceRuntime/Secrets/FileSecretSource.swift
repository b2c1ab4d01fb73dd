import Synchronization

// On Linux it depends on what else is compiled whether the compiler finds `stat` in the C library's module or in this one.
#if canImport(CDispatch)
  import CDispatch
#endif
#if canImport(Glibc)
  import Glibc
#elseif canImport(Musl)
  import Musl
#else
  import Darwin
#endif

/// A credential in a file, read again whenever the file has changed.
///
/// The file is read on first use. Later calls cost one `stat`; a changed identity, size or modification time
/// makes them read. White space around the value is dropped, since editors end files with a newline.
public final class FileSecretSource: SecretSource {
  /// What is worth telling the operator about a secret file that works nonetheless.
  public enum Warning: Equatable, Sendable, CustomStringConvertible {
    /// Others than the owner and the group may read it.
    case worldReadable(path: String, mode: UInt32)

    public var description: String {
      switch self {
      case .worldReadable(let path, let mode):
        "the secret file \(path) has mode 0\(String(mode, radix: 8)), so that every user may read it; "
          + "chmod 600 \(path)"
      }
    }
  }

  private struct Identity: Equatable {
    var device: UInt64
    var inode: UInt64
    var size: Int64
    var modifiedSeconds: Int
    var modifiedNanoseconds: Int
    var mode: UInt32
  }

  private let path: String
  private let maximumBytes: Int
  private let onWarning: @Sendable (Warning) -> Void
  private let cache = Mutex<(identity: Identity, value: Secret)?>(nil)

  /// - Parameters:
  ///   - path: the file.
  ///   - maximumBytes: what is larger is refused; 64 KiB holds every key and token in use.
  ///   - onWarning: called once for each version of the file that gives cause.
  public init(
    path: String, maximumBytes: Int = 65_536, onWarning: @escaping @Sendable (Warning) -> Void = { _ in }
  ) {
    self.path = path
    self.maximumBytes = maximumBytes
    self.onWarning = onWarning
  }

  public func secret() throws(SecretError) -> Secret {
    try cache.withLock { (cached) throws(SecretError) -> Secret in
      var status = stat()
      guard stat(path, &status) == 0 else {
        throw SecretError.unreadable(path: path, reason: SystemFailure.current)
      }
      if let cached, cached.identity == Self.identity(of: status) { return cached.value }
      let (identity, value) = try read()
      cached = (identity, value)
      return value
    }
  }

  /// Forgets what was read, so that the next use reads the file even if it looks unchanged.
  public func reload() {
    cache.withLock { $0 = nil }
  }

  private func read() throws(SecretError) -> (Identity, Secret) {
    let file: BoundedFile
    do {
      file = try BoundedFile(path: path, maximumBytes: maximumBytes)
    } catch {
      switch error {
      case .tooLarge(let limit): throw SecretError.tooLarge(path: path, limit: limit)
      case .unreadable(let reason): throw SecretError.unreadable(path: path, reason: reason)
      }
    }
    let value = file.bytes.trimmingASCIIWhitespace()
    guard !value.isEmpty else { throw SecretError.empty(path: path) }
    let mode = UInt32(file.status.st_mode) & 0o7777
    if mode & 0o004 != 0 { onWarning(.worldReadable(path: path, mode: mode)) }
    return (Self.identity(of: file.status), Secret(bytes: value))
  }

  private static func identity(of status: stat) -> Identity {
    #if canImport(Darwin)
      let modified = status.st_mtimespec
    #else
      let modified = status.st_mtim
    #endif
    return Identity(
      device: UInt64(truncatingIfNeeded: status.st_dev), inode: UInt64(status.st_ino),
      size: Int64(status.st_size), modifiedSeconds: modified.tv_sec,
      modifiedNanoseconds: modified.tv_nsec, mode: UInt32(status.st_mode))
  }
}
