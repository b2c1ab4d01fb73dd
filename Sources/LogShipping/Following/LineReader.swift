/// Reads lines of files into a batch. It has the one buffer that all files are read with.
final class LineReader {
  /// Why it stopped.
  enum Outcome: Equatable {
    /// There is no line that has not been read.
    case caughtUp
    /// The batch is full, or the file has had its turn.
    case more
    /// What was read before does not stand there any more.
    case replaced
  }

  /// Of a line, in bytes; what is behind is left out.
  let longestLine: Int
  private var writer: DocumentWriter
  /// nil makes a record of each line.
  private let records: RecordCutter?
  private let isOfContainers: Bool
  private var buffer: UnsafeMutableRawBufferPointer

  init(
    longestLine: Int, redactor: Redactor? = nil, router: StreamRouter? = nil,
    multiline: MultilineOptions? = nil, container: ContainerFormat? = nil
  ) {
    let rule: RecordCutter.Rule? = container.map { .container($0) } ?? multiline.map { .multiline($0) }
    records = rule.map { RecordCutter(rule: $0, longest: longestLine) }
    isOfContainers = container != nil
    writer = DocumentWriter(redactor: redactor, router: router, container: container)
    self.longestLine = longestLine
    buffer = .allocate(byteCount: min(256 << 10, longestLine + 4_096), alignment: 64)
  }

  deinit { buffer.deallocate() }

  /// Reads at most about `budget` bytes.
  ///
  /// - Parameter time: now, as RFC 3339 with quotes.
  func read(
    _ file: FollowedFile, into batch: inout BatchBuilder, budget: Int, time: [UInt8]
  ) throws(OpenedFile.Failure) -> Outcome {
    var taken = 0
    while !batch.isFull, taken < budget {
      guard file.isReadable else { return .caughtUp }
      if file.searched > file.position {
        let count = try read(file, at: file.searched)
        guard isIntact(file, through: file.searched + UInt64(count)) else { return .replaced }
        taken += count
        if try !search(file, count, &batch, time) { return .caughtUp }
        continue
      }
      let count = try read(file, at: file.position)
      guard isIntact(file, through: file.position + UInt64(count)) else { return .replaced }
      let bytes = UnsafeRawBufferPointer(rebasing: buffer[..<count])
      let end =
        records.map { cut(bytes, file, into: $0, &batch, time) } ?? cut(bytes, file, &batch, time)
      if end > 0 {
        file.advance(over: UnsafeRawBufferPointer(rebasing: bytes[..<end]))
        batch.endSegment(file)
        taken += end
      } else if count > longestLine {
        file.searched = file.position + UInt64(count)
      } else if count == buffer.count {
        grow()
      } else {
        file.unended = file.position + UInt64(count)
        return .caughtUp
      }
    }
    return .more
  }

  /// Reads what stands behind the last newline of a file that has ended.
  func finish(
    _ file: FollowedFile, into batch: inout BatchBuilder, time: [UInt8]
  ) throws(OpenedFile.Failure) {
    // The lines of an open record are ended by time first.
    guard file.openEnd == nil else { return }
    let count = try head(of: file)
    guard count > 0, isIntact(file, through: file.position) else { return }
    append(0..<count, file, &batch, time, isUnended: true)
    file.jump(to: max(file.size, file.position + UInt64(count)))
    batch.endSegment(file)
  }

  /// Cuts and appends the lines of a file that begin at its position.
  ///
  /// - Returns: where what is left begins.
  private func cut(
    _ bytes: UnsafeRawBufferPointer, _ file: FollowedFile, _ batch: inout BatchBuilder, _ time: [UInt8]
  ) -> Int {
    var origin = DocumentWriter.Origin(path: file.quotedPath, offset: 0, time: time)
    var start = 0
    while !batch.isFull, let line = LineCutter.next(in: bytes, from: start) {
      origin.offset = file.position + UInt64(start)
      if line.end - 1 - start > longestLine {
        append(start..<line.end - 1, file, &batch, time)
      } else {
        batch.append(
          UnsafeRawBufferPointer(rebasing: bytes[line.content]), key: file.key, origin, &writer)
      }
      start = line.end
    }
    return start
  }

  /// Cuts and appends the records of a file that begin at its position.
  ///
  /// - Returns: where what is left begins.
  private func cut(
    _ bytes: UnsafeRawBufferPointer, _ file: FollowedFile, into records: RecordCutter,
    _ batch: inout BatchBuilder, _ time: [UInt8]
  ) -> Int {
    var origin = DocumentWriter.Origin(
      path: file.quotedPath, offset: 0, time: time, container: isOfContainers ? file.quotedContainer : [])
    var start = 0
    file.openEnd = nil
    while !batch.isFull {
      let cut = records.next(in: bytes, from: start) { file.hasEnd(file.position + UInt64($0)) }
      guard case .record(let record, let startsAsOne)? = cut else {
        // Of bytes that are taken: what is left is read again, and looked at then.
        if case .open(let end)? = cut, start == 0 { file.openEnd = file.position + UInt64(end) }
        break
      }
      origin.offset = file.position + UInt64(start)
      // An end that the lines themselves show needs not be kept.
      if startsAsOne { file.forget(end: origin.offset) }
      if record.end - 1 - start > longestLine {
        append(start..<record.end - 1, file, &batch, time)
      } else {
        batch.append(UnsafeRawBufferPointer(rebasing: bytes[record.content]), key: file.key, origin, &writer)
      }
      start = record.end
    }
    return start
  }

  /// Fills the buffer with what stands at an offset.
  private func read(_ file: FollowedFile, at offset: UInt64) throws(OpenedFile.Failure) -> Int {
    let count = try file.file.read(buffer, at: offset)
    return file.limit.map { min(count, Int(clamping: $0 - min(offset, $0))) } ?? count
  }

  /// Looks for the end of a line that is too long.
  ///
  /// - Returns: whether there was anything to look at.
  private func search(
    _ file: FollowedFile, _ count: Int, _ batch: inout BatchBuilder, _ time: [UInt8]
  ) throws(OpenedFile.Failure) -> Bool {
    guard count > 0 else {
      file.unended = file.searched
      return false
    }
    guard let newline = LineCutter.next(in: UnsafeRawBufferPointer(rebasing: buffer[..<count]), from: 0)
    else {
      file.searched += UInt64(count)
      return true
    }
    let end = file.searched + UInt64(newline.end)
    let count = try head(of: file)
    guard isIntact(file, through: end) else { return true }
    append(0..<count, file, &batch, time, isTruncated: true)
    file.jump(to: end)
    batch.endSegment(file)
    return true
  }

  /// Reads the first bytes of a line, one more than a line may have, to the buffer's start.
  private func head(of file: FollowedFile) throws(OpenedFile.Failure) -> Int {
    grow()
    return try file.file.read(
      UnsafeMutableRawBufferPointer(rebasing: buffer[..<(longestLine + 1)]), at: file.position)
  }

  /// Appends a line in the buffer of which only the beginning may fit.
  private func append(
    _ line: Range<Int>, _ file: FollowedFile, _ batch: inout BatchBuilder, _ time: [UInt8],
    isTruncated: Bool = false, isUnended: Bool = false
  ) {
    let bytes = UnsafeRawBufferPointer(buffer)
    // Of the bytes as they stand, so that the same line is cut the same, however it was read.
    let isTruncated = isTruncated || line.count > longestLine
    var end = min(line.upperBound, line.lowerBound + longestLine)
    if isTruncated {
      let window = UnsafeRawBufferPointer(rebasing: bytes[line.lowerBound..<end])
      end = line.lowerBound + UTF8Bytes.boundary(in: window, before: window.count)
    }
    let content = LineCutter.trimmed(bytes, line.lowerBound..<end)
    let origin = DocumentWriter.Origin(
      path: file.quotedPath, offset: file.position + UInt64(line.lowerBound), time: time,
      container: isOfContainers ? file.quotedContainer : [], isTruncated: isTruncated, isUnended: isUnended)
    batch.append(UnsafeRawBufferPointer(rebasing: bytes[content]), key: file.key, origin, &writer)
  }

  private func isIntact(_ file: FollowedFile, through end: UInt64) -> Bool {
    guard let size = file.file.state?.size, size >= end else { return false }
    return file.isIntact()
  }

  /// Makes room for the longest line and what shows that it is longer.
  private func grow() {
    let needed = longestLine + 4_096
    guard buffer.count < needed else { return }
    let larger = UnsafeMutableRawBufferPointer.allocate(byteCount: needed, alignment: 64)
    larger.copyMemory(from: UnsafeRawBufferPointer(buffer))
    buffer.deallocate()
    buffer = larger
  }
}
