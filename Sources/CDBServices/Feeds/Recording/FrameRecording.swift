#if canImport(Glibc)
  import Glibc
#elseif canImport(Musl)
  import Musl
#elseif canImport(Darwin)
  import Darwin
#endif

/// Reads one file of recorded frames, a line each, plain or gzip, in bounded memory.
///
/// Lines that are none are counted and the first is named; a damaged file delivers every whole line before
/// the damage, and then the error.
public struct FrameRecording: ~Copyable {
  /// What was read so far.
  public struct Statistics: Sendable, Hashable {
    public var frames: Int64 = 0
    /// Lines that do not begin with a time and a blank; empty lines are not counted.
    public var linesWithoutTime: Int64 = 0
    public var linesTooLong: Int64 = 0
    /// The number, from 1, of the first line that was not a frame.
    public var firstSkippedLine: Int64?
    public init() {}

    /// Adds what another recording counted.
    public mutating func add(_ other: Statistics) {
      frames += other.frames
      linesWithoutTime += other.linesWithoutTime
      linesTooLong += other.linesTooLong
      firstSkippedLine = firstSkippedLine ?? other.firstSkippedLine
    }
  }

  /// The longest line, bytes: Binance's largest snapshot, 5,000 levels a side, has about 320 KB.
  public static let maximumLineBytes = 4 << 20

  public let path: String
  public let source: UInt16
  public private(set) var statistics = Statistics()

  private let bytes: ByteSource
  private let maximumLineBytes: Int
  private var buffer: [UInt8]
  /// The part of the buffer that is filled and not yet split.
  private var filled = 0..<0
  private var lineNumber: Int64 = 0
  /// Inside a line that is too long, up to its end.
  private var isSkipping = false
  private var isAtEnd = false
  private var failure: RecordingError?

  public init(
    path: String, source: UInt16, maximumLineBytes: Int = FrameRecording.maximumLineBytes
  ) throws(RecordingError) {
    self.path = path
    self.source = source
    self.maximumLineBytes = max(64, maximumLineBytes)
    bytes = try ByteSource(path: path)
    buffer = Array(repeating: 0, count: 256 << 10)
  }

  /// Appends up to `maximum` frames to `batch`, and says how many; zero at the end.
  public mutating func read(
    maximum: Int, into batch: inout FrameBuffer
  ) throws(RecordingError) -> Int {
    var count = 0
    while count < maximum {
      count += split(maximum: maximum - count, into: &batch)
      if count >= maximum { break }
      if let failure {
        // What came before the damage is the caller's first; the error comes with the next call.
        if count > 0 { break }
        throw failure
      }
      if isAtEnd, filled.isEmpty { break }
      do throws(RecordingError) { try refill() } catch { failure = error }
    }
    return count
  }

  /// Takes whole lines out of the buffer.
  private mutating func split(maximum: Int, into batch: inout FrameBuffer) -> Int {
    var count = 0
    var start = filled.lowerBound
    let end = filled.upperBound
    // A second reference, not a copy: accepting a line changes other parts of this value.
    let lines = buffer
    lines.withUnsafeBytes { buffer in
      while count < maximum, start < end {
        guard let base = buffer.baseAddress,
          let newline = memchr(base + start, Int32(UInt8(ascii: "\n")), end - start)
        else { break }
        let stop = UnsafeRawPointer(newline) - base
        if accept(UnsafeRawBufferPointer(rebasing: buffer[start..<stop]), into: &batch) { count += 1 }
        start = stop + 1
      }
    }
    filled = start..<end
    return count
  }

  /// Takes one line without its newline; whether it was a frame.
  @inline(__always)
  private mutating func accept(
    _ line: UnsafeRawBufferPointer, into batch: inout FrameBuffer
  ) -> Bool {
    lineNumber += 1
    if isSkipping {
      isSkipping = false
      return false
    }
    var line = line
    if line.last == UInt8(ascii: "\r") { line = .init(rebasing: line.dropLast()) }
    guard !line.isEmpty else { return false }
    guard line.count <= maximumLineBytes else {
      statistics.linesTooLong += 1
      noteSkipped(lineNumber)
      return false
    }
    guard let recorded = RecordedLine(line) else {
      statistics.linesWithoutTime += 1
      noteSkipped(lineNumber)
      return false
    }
    statistics.frames += 1
    batch.append(RecordedFrame(time: recorded.time, source: source, bytes: recorded.frame))
    return true
  }

  private mutating func noteSkipped(_ line: Int64) {
    if statistics.firstSkippedLine == nil { statistics.firstSkippedLine = line }
  }

  /// Reads on behind what is left of the buffer, which is the beginning of one line.
  private mutating func refill() throws(RecordingError) {
    if filled.lowerBound > 0 {
      buffer.withUnsafeMutableBytes { buffer in
        guard let base = buffer.baseAddress else { return }
        memmove(base, base + filled.lowerBound, filled.count)
      }
      filled = 0..<filled.count
    }
    if filled.count > maximumLineBytes, !isSkipping {
      statistics.linesTooLong += 1
      noteSkipped(lineNumber + 1)
      isSkipping = true
    }
    if isSkipping { filled = 0..<0 }
    if filled.count == buffer.count {
      buffer.append(contentsOf: repeatElement(0, count: buffer.count))
    }
    let space = filled.upperBound..<buffer.count
    let source = bytes
    let result = buffer.withUnsafeMutableBytes { buffer -> Result<Int, RecordingError> in
      Result { () throws(RecordingError) in
        try source.read(into: UnsafeMutableRawBufferPointer(rebasing: buffer[space]))
      }
    }
    let count = try result.get()
    filled = 0..<filled.upperBound + count
    guard count == 0 else { return }
    isAtEnd = true
    // The last line may lack its newline.
    if !filled.isEmpty || isSkipping {
      if filled.upperBound == buffer.count { buffer.append(0) }
      buffer[filled.upperBound] = UInt8(ascii: "\n")
      filled = 0..<filled.upperBound + 1
    }
  }
}
