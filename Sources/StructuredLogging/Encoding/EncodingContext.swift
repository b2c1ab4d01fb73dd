import Glibc

/// What each thread keeps in order to encode without allocating: a line, the current second, its own id.
///
/// Kept as a thread-specific value of the C library, which destroys it with its thread. It is only ever used
/// by the thread that made it.
final class EncodingContext {
  /// The kernel's id of the thread, as `gettid(2)` returns it.
  let threadID: Int32
  private var line = LineBuffer()
  private var timestamps = TimestampCache()
  private var isBusy = false

  init() {
    threadID = Self.currentThreadID()
  }

  /// Lends the calling thread's line and clock. A value's `description` may itself log while its own line is
  /// half written; that inner event gets a context of its own.
  static func withCurrent<Result>(
    _ body: (_ threadID: Int32, inout LineBuffer, inout TimestampCache) -> Result
  ) -> Result {
    let context: EncodingContext
    if let key {
      if let stored = pthread_getspecific(key) {
        context = Unmanaged<EncodingContext>.fromOpaque(stored).takeUnretainedValue()
      } else {
        context = EncodingContext()
        let retained = Unmanaged.passRetained(context)
        if pthread_setspecific(key, retained.toOpaque()) != 0 { retained.release() }
      }
    } else {
      context = EncodingContext()
    }
    guard !context.isBusy else {
      let inner = EncodingContext()
      return body(inner.threadID, &inner.line, &inner.timestamps)
    }
    context.isBusy = true
    defer { context.isBusy = false }
    return body(context.threadID, &context.line, &context.timestamps)
  }

  /// Nil if the process has used up its thread-specific keys; each event then gets a new context.
  private static let key: pthread_key_t? = {
    var key = pthread_key_t()
    let status = pthread_key_create(&key) { stored in
      if let stored { Unmanaged<EncodingContext>.fromOpaque(stored).release() }
    }
    return status == 0 ? key : nil
  }()

  /// Glibc's module does not export `gettid`, so the id is read where the kernel shows it: `<pid>/task/<tid>`.
  private static func currentThreadID() -> Int32 {
    var target = [CChar](repeating: 0, count: 64)
    let length = readlink("/proc/thread-self", &target, target.count)
    guard length > 0 else { return getpid() }
    let path = target[..<length].map { UInt8(bitPattern: $0) }
    let name = path.split(separator: UInt8(ascii: "/")).last ?? []
    return Int32(String(decoding: name, as: UTF8.self)) ?? getpid()
  }
}
