/// Why a recording cannot be read on.
public enum RecordingError: Error, Equatable, Sendable, CustomStringConvertible {
  case cannotOpen(path: String, errno: Int32)
  /// Offsets are in the file as it is on disk, so compressed bytes for a compressed one.
  case cannotRead(path: String, offset: Int64, errno: Int32)
  /// The gzip data ends in the middle: a copy that did not finish, or a recorder that was killed.
  case truncatedGzip(path: String, offset: Int64)
  case corruptGzip(path: String, offset: Int64, detail: String)
  case cannotAllocate(path: String)
  /// Lines that are no frames were passed over: they do not begin with a time, or are too long.
  case linesPassedOver(paths: String, count: Int64, first: Int64)
  /// Not a single frame was found.
  case noFrames(paths: String)

  public var description: String {
    switch self {
    case .cannotOpen(let path, let errno): "cannot open recording \(path): errno \(errno)"
    case .cannotRead(let path, let offset, let errno):
      "cannot read recording \(path) at byte \(offset): errno \(errno)"
    case .truncatedGzip(let path, let offset):
      "recording \(path) ends at byte \(offset) in the middle of its gzip data: copy it again"
    case .corruptGzip(let path, let offset, let detail):
      "recording \(path) is damaged near byte \(offset): \(detail)"
    case .linesPassedOver(let paths, let count, let first):
      "recording \(paths): \(count) lines are no frames and were passed over, the first is line \(first)"
    case .noFrames(let paths): "recording \(paths) holds no frame"
    case .cannotAllocate(let path): "no memory to decompress recording \(path)"
    }
  }
}
