import CProtobufC

/// Memory for the C structures of one message at a time; ``reset()`` gives all of it free and keeps it for the next.
///
/// What is allocated holds no references, so nothing of it is ever deinitialized.
final class MessageArena {
  private static let alignment = 16

  private var blocks: [UnsafeMutableRawBufferPointer] = []
  private var block = 0
  // One thread at a time has an arena, and no access to these spans a call. Checking that at run time would cost as
  // much as what they are for.
  @exclusivity(unchecked) private var rest = UnsafeMutableRawBufferPointer(start: nil, count: 0)
  @exclusivity(unchecked) private var allocated = 0
  /// How many bytes C may have before the next reset.
  var limit = Int.max

  deinit { for block in blocks { block.deallocate() } }

  func reset() {
    block = 0
    rest = blocks.first ?? UnsafeMutableRawBufferPointer(start: nil, count: 0)
    allocated = 0
  }

  /// Uninitialized memory for `count` values.
  func allocate<Value>(_: Value.Type, count: Int = 1) -> UnsafeMutablePointer<Value> {
    bytes(MemoryLayout<Value>.stride * max(count, 0)).bindMemory(to: Value.self, capacity: count)
  }

  func bytes(of text: String) -> ProtobufCBinaryData {
    var text = text
    return text.withUTF8 { bytes(of: $0) }
  }

  func bytes(of source: UnsafeBufferPointer<UInt8>) -> ProtobufCBinaryData {
    let copy = allocate(UInt8.self, count: source.count)
    if let base = source.baseAddress { copy.update(from: base, count: source.count) }
    return ProtobufCBinaryData(len: source.count, data: copy)
  }

  /// As ``allocate(_:count:)``, or `nil` where that would exceed the limit.
  fileprivate func bytesWithinLimit(_ count: Int) -> UnsafeMutableRawPointer? {
    guard count >= 0, count <= limit - min(allocated, limit) else { return nil }
    return bytes(count)
  }

  private func bytes(_ count: Int) -> UnsafeMutableRawPointer {
    let size = max(count + Self.alignment - 1, Self.alignment) & ~(Self.alignment - 1)
    allocated += size
    return take(size) ?? takeFromNextBlock(size)
  }

  private func take(_ size: Int) -> UnsafeMutableRawPointer? {
    guard size <= rest.count, let start = rest.baseAddress else { return nil }
    rest = UnsafeMutableRawBufferPointer(start: start + size, count: rest.count - size)
    return start
  }

  @inline(never)
  private func takeFromNextBlock(_ size: Int) -> UnsafeMutableRawPointer {
    while block + 1 < blocks.count {
      block += 1
      rest = blocks[block]
      if let found = take(size) { return found }
    }
    let capacity = max(size, min(16_384 << min(blocks.count, 8), 1 << 22))
    let fresh = UnsafeMutableRawPointer.allocate(byteCount: capacity, alignment: Self.alignment)
    blocks.append(UnsafeMutableRawBufferPointer(start: fresh, count: capacity))
    block = blocks.count - 1
    rest = UnsafeMutableRawBufferPointer(start: fresh + size, count: capacity - size)
    return fresh
  }
}

extension MessageArena {
  /// Runs `body` with an allocator that takes from this arena and frees nothing. Valid only in `body`.
  func withAllocator<Result>(_ body: (UnsafeMutablePointer<ProtobufCAllocator>) -> Result) -> Result {
    var allocator = ProtobufCAllocator(
      alloc: { arena, size in
        guard let arena else { return nil }
        return Unmanaged<MessageArena>.fromOpaque(arena).takeUnretainedValue().bytesWithinLimit(size)
      },
      free: { _, _ in },
      allocator_data: Unmanaged.passUnretained(self).toOpaque())
    return withExtendedLifetime(self) { body(&allocator) }
  }
}
