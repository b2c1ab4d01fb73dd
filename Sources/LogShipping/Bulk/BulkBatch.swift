/// Lines on their way to the server.
struct BulkBatch: Sendable {
  /// A document in the body.
  struct Item: Sendable {
    /// Where its action begins.
    var start: Int
    /// Where the document itself begins.
    var document: Int
    /// Behind its newline.
    var end: Int
    var segment: Int
  }

  /// What the batch has of one file.
  struct Segment: Sendable, Equatable {
    var file: UInt64
    /// How far the file is done with when the batch is.
    var position: SettledPosition
    var lines: UInt64
    var blank: UInt64
    /// Lines of which something was left out.
    var redacted: UInt64
    /// Lines that name a data stream that cannot be.
    var unroutable: UInt64
  }

  /// In the order of making, from 1.
  var number: UInt64
  /// Actions and documents as `_bulk` takes them.
  var body: [UInt8]
  var items: [Item]
  var segments: [Segment]
  /// When its first line was read; milliseconds since the epoch.
  var time: Int64

  /// The body of some of the items.
  func body(of items: [Int]) -> [UInt8] {
    guard items.count < self.items.count else { return body }
    var bytes: [UInt8] = []
    bytes.reserveCapacity(items.reduce(0) { $0 + self.items[$1].end - self.items[$1].start })
    for item in items { bytes += body[self.items[item].start..<self.items[item].end] }
    return bytes
  }

  /// The document of an item, without its newline.
  func document(_ item: Int) -> ArraySlice<UInt8> { body[items[item].document..<items[item].end - 1] }

  /// The `_id` of an item.
  func id(_ item: Int) -> String {
    let start = items[item].start + BatchBuilder.idOffset
    return String(decoding: body[start..<start + LineID.count], as: UTF8.self)
  }

  /// Where an item goes; nil where that is where the request goes.
  func index(_ item: Int) -> String? {
    let start =
      items[item].start + BatchBuilder.idOffset + LineID.count + BatchBuilder.indexKey.utf8CodeUnitCount
    let end = items[item].document - BatchBuilder.actionEnd.utf8CodeUnitCount
    return start < end ? String(decoding: body[start..<end], as: UTF8.self) : nil
  }
}

/// A batch that is being filled.
struct BatchBuilder {
  private static let action: StaticString = "{\"create\":{\"_id\":\""
  /// Where the id stands in an action.
  static let idOffset = 18
  /// What stands between an id and an index, and at an action's end.
  static let indexKey: StaticString = "\",\"_index\":\""
  static let actionEnd: StaticString = "\"}}\n"

  /// Of a body. One line may go beyond.
  var mostBytes: Int
  let mostItems: Int
  private var number: UInt64 = 1
  private var body: [UInt8] = []
  private var items: [BulkBatch.Item] = []
  private var segments: [BulkBatch.Segment] = []
  private var lines: UInt64 = 0
  private var blank: UInt64 = 0
  private var redacted: UInt64 = 0
  private var unroutable: UInt64 = 0
  private(set) var time: Int64?

  init(mostBytes: Int, mostItems: Int) {
    self.mostBytes = mostBytes
    self.mostItems = mostItems
  }

  var isFull: Bool { body.count >= mostBytes || items.count >= mostItems }
  var isEmpty: Bool { segments.isEmpty }

  /// Appends a line; one in which nothing stands is only counted.
  @inline(__always)
  mutating func append(
    _ line: UnsafeRawBufferPointer, key: UInt64, _ origin: DocumentWriter.Origin,
    _ writer: inout DocumentWriter
  ) {
    lines += 1
    guard line.count > 0 else {
      blank += 1
      return
    }
    let prepared = writer.prepare(line, origin)
    let start = body.count
    append(Self.action)
    LineID.append(key: key, offset: origin.offset, content: line, to: &body)
    if prepared.route == .stream {
      append(Self.indexKey)
      body.append(contentsOf: writer.streamName)
    }
    append(Self.actionEnd)
    let document = body.count
    writer.write(prepared, line, origin, to: &body)
    if prepared.isRedacted { redacted += 1 }
    if prepared.route == .unroutable { unroutable += 1 }
    body.append(10)
    items.append(
      BulkBatch.Item(start: start, document: document, end: body.count, segment: segments.count))
  }

  @inline(__always)
  private mutating func append(_ text: StaticString) {
    body.append(contentsOf: UnsafeRawBufferPointer(start: text.utf8Start, count: text.utf8CodeUnitCount))
  }

  /// Ends what was appended of a file, whose position is behind it now.
  mutating func endSegment(_ file: FollowedFile) {
    segments.append(
      BulkBatch.Segment(
        file: file.number, position: file.here, lines: lines, blank: blank, redacted: redacted,
        unroutable: unroutable))
    file.pendingLines += lines
    lines = 0
    blank = 0
    redacted = 0
    unroutable = 0
  }

  /// Notes when the first line came.
  mutating func begin(_ time: Int64) { if self.time == nil { self.time = time } }

  /// Takes back that a line came.
  mutating func forgetTime() { time = nil }

  /// Takes the batch out, and begins another one.
  mutating func take() -> BulkBatch {
    defer {
      number += 1
      body = []
      items = []
      segments = []
      time = nil
    }
    return BulkBatch(number: number, body: body, items: items, segments: segments, time: time ?? 0)
  }
}
