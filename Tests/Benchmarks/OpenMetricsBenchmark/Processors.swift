import CBenchmarking

/// On which processors threads run.
enum Processors {
  /// The ones that this thread may use.
  static var allowed: [Int32] {
    [Int32](unsafeUninitializedCapacity: 1024) { buffer, count in
      count = processors_allowed(buffer.baseAddress, buffer.count)
    }
  }

  /// Keeps this thread on these processors; false when the system will not have it.
  @discardableResult
  static func pin(to processors: [Int32]) -> Bool { processors_keep_to(processors, processors.count) }
}
