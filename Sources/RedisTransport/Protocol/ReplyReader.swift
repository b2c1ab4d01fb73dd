import CHiredis

/// What a reply may cost at most.
public struct RedisReplyLimits: Sendable, Hashable {
  /// The bytes of one reply, with 32 for each of its values.
  public var bytes = 64 << 20
  /// The values in one reply, in arrays of arrays too. (Arrays may be nested seven deep; the reader refuses more.)
  public var values = 1 << 20

  public init() {}
}

/// Why what comes from a server is no reply.
enum ReplyFault: Error, Equatable {
  case malformed(String)
  case tooLarge(RedisReplyLimits)
}

/// Makes values of bytes, however they are cut into pieces. hiredis parses; what it builds, and how much, is decided
/// here. Belongs to one thread.
final class ReplyReader {
  private let limits: RedisReplyLimits
  private let builder: ReplyBuilder
  private let functions: UnsafeMutablePointer<redisReplyObjectFunctions>
  private let reader: UnsafeMutablePointer<redisReader>?

  init(limits: RedisReplyLimits) {
    self.limits = limits
    builder = ReplyBuilder(limits: limits)
    functions = .allocate(capacity: 1)
    functions.initialize(
      to: redisReplyObjectFunctions(
        createString: { task, bytes, count in
          guard let task, let bytes else { return nil }
          return ReplyBuilder.of(task)?.string(
            UnsafeRawBufferPointer(start: bytes, count: count), type: task.pointee.type)
        },
        createArray: { task, count in task.flatMap { ReplyBuilder.of($0)?.array(Int(count)) } },
        createInteger: { task, value in task.flatMap { ReplyBuilder.of($0)?.leaf(.integer(value), bytes: 0) }
        },
        createNil: { task in task.flatMap { ReplyBuilder.of($0)?.leaf(.null, bytes: 0) } },
        freeObject: { _ in }))
    reader = redisReaderCreateWithFunctions(functions)
    reader?.pointee.privdata = Unmanaged.passUnretained(builder).toOpaque()
  }

  deinit {
    if let reader { redisReaderFree(reader) }
    functions.deinitialize(count: 1)
    functions.deallocate()
  }

  /// Takes bytes in, and hands out each reply that is complete. After an error nothing more can be read.
  func feed(_ bytes: UnsafeRawBufferPointer, _ receive: (RedisValue) throws -> Void) throws {
    guard let reader else { throw ReplyFault.malformed("no memory for a reader") }
    guard let base = bytes.baseAddress, !bytes.isEmpty else { return }
    guard
      redisReaderFeed(reader, base.assumingMemoryBound(to: CChar.self), bytes.count) == REDIS_OK
    else { throw fault(reader) }
    while true {
      var done: UnsafeMutableRawPointer?
      guard redisReaderGetReply(reader, &done) == REDIS_OK else { throw fault(reader) }
      guard done != nil else { break }
      guard let value = builder.take() else { throw ReplyFault.malformed("a reply without a value") }
      try receive(value)
    }
    let unread = Int(reader.pointee.len) - Int(reader.pointee.pos)
    guard unread <= limits.bytes - builder.bytes else { throw ReplyFault.tooLarge(limits) }
  }

  private func fault(_ reader: UnsafeMutablePointer<redisReader>) -> ReplyFault {
    if builder.isOverLimit { return .tooLarge(limits) }
    let text = withUnsafeBytes(of: reader.pointee.errstr) { bytes in
      String(decoding: bytes.prefix { $0 != 0 }, as: UTF8.self)
    }
    return .malformed(text)
  }
}

/// Puts a reply together from its parts, which come depth first.
private final class ReplyBuilder {
  private let limits: RedisReplyLimits
  private var open: [(missing: Int, values: [RedisValue])] = []
  private var finished: RedisValue?
  private var values = 0
  private(set) var bytes = 0
  private(set) var isOverLimit = false

  init(limits: RedisReplyLimits) { self.limits = limits }

  static func of(_ task: UnsafePointer<redisReadTask>) -> ReplyBuilder? {
    task.pointee.privdata.map { Unmanaged<ReplyBuilder>.fromOpaque($0).takeUnretainedValue() }
  }

  /// What hiredis passes around in the place of an object; it is never followed.
  private static var made: UnsafeMutableRawPointer? { UnsafeMutableRawPointer(bitPattern: 1) }

  private func book(_ count: Int) -> Bool {
    values += 1
    bytes += 32 + count
    isOverLimit = values > limits.values || bytes > limits.bytes
    return !isOverLimit
  }

  func string(_ content: UnsafeRawBufferPointer, type: Int32) -> UnsafeMutableRawPointer? {
    guard content.count <= limits.bytes else {
      isOverLimit = true
      return nil
    }
    let value: RedisValue =
      switch type {
      case REDIS_REPLY_STATUS: .status(String(decoding: content, as: UTF8.self))
      case REDIS_REPLY_ERROR: .error(RedisRefusal(message: String(decoding: content, as: UTF8.self)))
      default: .bytes(Array(content))
      }
    return leaf(value, bytes: content.count)
  }

  func array(_ count: Int) -> UnsafeMutableRawPointer? {
    guard count > 0 else { return leaf(.array([]), bytes: 0) }
    let announced = open.reduce(count) { $0 + $1.missing }
    guard book(0), announced <= limits.values - values else {
      isOverLimit = true
      return nil
    }
    // What is announced is not yet there: no memory is taken for it.
    open.append((count, []))
    return Self.made
  }

  func leaf(_ value: RedisValue, bytes: Int) -> UnsafeMutableRawPointer? {
    guard book(bytes) else { return nil }
    var value = value
    while let top = open.indices.last {
      open[top].values.append(value)
      open[top].missing -= 1
      guard open[top].missing == 0 else { return Self.made }
      value = .array(open.removeLast().values)
    }
    finished = value
    return Self.made
  }

  func take() -> RedisValue? {
    defer {
      finished = nil
      values = 0
      bytes = 0
    }
    return finished
  }
}
