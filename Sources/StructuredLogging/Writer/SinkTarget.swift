import Glibc

/// The open end of a sink. Used by the draining thread alone, while it holds the ownership of the lines.
struct SinkTarget {
  let sink: LogSink
  /// -1 while a file is not open.
  private(set) var descriptor: Int32 = -1
  /// Whether the descriptor can make a writer wait: everything but a regular file.
  private(set) var isStream = true
  private var identity: FileIdentity?
  private var size = 0
  /// Whether a line was given up half written, so that a newline has to come before the next.
  var owesNewline = false

  private struct FileIdentity: Equatable {
    var device: dev_t
    var inode: ino_t
  }

  init(_ sink: LogSink) {
    self.sink = sink
    switch sink {
    case .standardError: adopt(STDERR_FILENO)
    case .fileDescriptor(let descriptor): adopt(descriptor)
    case .file: break
    }
  }

  private mutating func adopt(_ descriptor: Int32) {
    self.descriptor = descriptor
    var status = stat()
    isStream = !(fstat(descriptor, &status) == 0 && status.st_mode & S_IFMT == S_IFREG)
  }

  /// How many bytes one write may take: on a pipe what is atomic (`PIPE_BUF`), so that a write that `poll`
  /// announced as possible does not block, and the lines of several processes do not mix.
  var batchLimit: Int {
    if isStream { return 4096 }
    guard case .file(_, let rotation) = sink else { return 256 << 10 }
    return max(1, min(256 << 10, rotation.maximumBytes - size))
  }

  mutating func noteWritten(_ bytes: Int) { size += bytes }

  enum Readiness {
    case ready
    /// Ready, but in another file than before: a line that was begun has to be written again as a whole.
    case reopened
    case failed(operation: String, errorNumber: Int32)
  }

  /// Sees to it that the file at the path is the one that is open, and that it has room for a next line.
  mutating func prepare(isLineBegun: Bool, nextLineBytes: () -> Int) -> Readiness {
    guard case .file(let path, let rotation) = sink else { return .ready }
    if descriptor >= 0, let identity {
      guard Self.identity(ofPath: path) == identity else {
        if isLineBegun { _ = Glibc.write(descriptor, "\n", 1) }
        closeFile()
        return reopen(path)
      }
      guard !isStream, !isLineBegun, size > 0, rotation.maximumBytes < .max else { return .ready }
      // Summed without overflow: size stays below the maximum or beyond it, never near Int.max.
      guard size >= rotation.maximumBytes || nextLineBytes() > rotation.maximumBytes - size else {
        return .ready
      }
      if let number = Self.rotate(path, keep: rotation.keep) {
        return .failed(operation: "rotating \(path)", errorNumber: number)
      }
      closeFile()
    }
    return reopen(path)
  }

  private mutating func reopen(_ path: String) -> Readiness {
    // O_NONBLOCK only matters for named pipes, where opening would wait for a reader.
    let flags = O_APPEND | O_CREAT | O_CLOEXEC | O_NONBLOCK
    var opened = open(path, flags | O_RDWR, 0o640)
    if opened < 0, errno == EACCES { opened = open(path, flags | O_WRONLY, 0o640) }
    guard opened >= 0 else { return .failed(operation: "opening \(path)", errorNumber: errno) }
    var status = stat()
    guard fstat(opened, &status) == 0 else {
      let number = errno
      close(opened)
      return .failed(operation: "examining \(path)", errorNumber: number)
    }
    isStream = status.st_mode & S_IFMT != S_IFREG
    size = isStream ? 0 : Int(status.st_size)
    if !isStream, size > 0, Self.endsTorn(opened, size) {
      guard Glibc.write(opened, "\n", 1) == 1 else {
        let number = errno
        close(opened)
        return .failed(operation: "closing a torn line in \(path)", errorNumber: number)
      }
      size += 1
    }
    descriptor = opened
    identity = FileIdentity(device: status.st_dev, inode: status.st_ino)
    return .reopened
  }

  mutating func closeFile() {
    guard sink.isFile, descriptor >= 0 else { return }
    close(descriptor)
    descriptor = -1
    identity = nil
  }

  private static func endsTorn(_ descriptor: Int32, _ size: Int) -> Bool {
    var last: UInt8 = 0
    return pread(descriptor, &last, 1, off_t(size - 1)) == 1 && last != 0x0A
  }

  private static func identity(ofPath path: String) -> FileIdentity? {
    var status = stat()
    guard stat(path, &status) == 0 else { return nil }
    return FileIdentity(device: status.st_dev, inode: status.st_ino)
  }

  /// Returns the error number if the current file could not be set aside.
  private static func rotate(_ path: String, keep: Int) -> Int32? {
    var highest = 1
    while highest < keep, access("\(path).\(highest)", F_OK) == 0 { highest += 1 }
    for number in stride(from: highest, to: 1, by: -1) {
      _ = rename("\(path).\(number - 1)", "\(path).\(number)")
    }
    return rename(path, "\(path).1") == 0 ? nil : errno
  }
}

/// The C library's text for an error number.
func systemMessage(_ number: Int32) -> String {
  var text = [CChar](repeating: 0, count: 256)
  guard strerror_r(number, &text, text.count) == 0 else { return "error \(number)" }
  return String(decoding: text.prefix { $0 != 0 }.map { UInt8(bitPattern: $0) }, as: UTF8.self)
}
