/// One recorded frame, borrowed: its bytes are valid only while they are handed out.
public struct RecordedFrame {
  /// When the recorder received it, nanoseconds since the epoch.
  public var time: Int64
  /// The file, and in a looped recording the pass, that it comes from.
  public var source: UInt16
  public var bytes: UnsafeRawBufferPointer
}

/// A batch of frames in one reusable piece of memory.
public struct FrameBuffer: Sendable {
  private struct Entry {
    var time: Int64
    var source: UInt16
    var start: Int
    var end: Int
  }

  private var storage: [UInt8] = []
  private var entries: [Entry] = []

  public init() {}

  /// The number of frames.
  public var count: Int { entries.count }
  public var isEmpty: Bool { entries.isEmpty }

  /// Empties the buffer and keeps its memory.
  public mutating func removeAll() {
    storage.removeAll(keepingCapacity: true)
    entries.removeAll(keepingCapacity: true)
  }

  /// Hands out one frame, `0..<count`.
  @inline(__always)
  public func withFrame<Result>(_ index: Int, _ body: (RecordedFrame) throws -> Result) rethrows -> Result {
    let entry = entries[index]
    return try storage.withUnsafeBytes { bytes in
      try body(
        RecordedFrame(
          time: entry.time, source: entry.source,
          bytes: UnsafeRawBufferPointer(rebasing: bytes[entry.start..<entry.end])))
    }
  }

  /// Hands out every frame, in order.
  @inline(__always)
  public func forEach(_ body: (RecordedFrame) throws -> Void) rethrows {
    try storage.withUnsafeBytes { bytes in
      for entry in entries {
        try body(
          RecordedFrame(
            time: entry.time, source: entry.source,
            bytes: UnsafeRawBufferPointer(rebasing: bytes[entry.start..<entry.end])))
      }
    }
  }

  func time(at index: Int) -> Int64 { entries[index].time }

  @inline(__always)
  mutating func append(_ frame: RecordedFrame) {
    let start = storage.count
    storage.append(contentsOf: frame.bytes)
    entries.append(
      Entry(time: frame.time, source: frame.source, start: start, end: storage.count))
  }

  /// Lets `body` change the bytes of the last frame.
  mutating func withLastFrame(_ body: (UnsafeMutableRawBufferPointer) -> Void) {
    guard let entry = entries.last else { return }
    storage.withUnsafeMutableBytes { body(.init(rebasing: $0[entry.start..<entry.end])) }
  }
}
