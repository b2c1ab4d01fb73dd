import CMetricArena

/// A few nodes of a table by the bytes of their keys: a short cut that spares hashing a key properly.
///
/// A place holds the two nodes that first came to it. Whoever finds a node here compares the keys, so that bytes
/// that mean nothing cost no more than a detour.
@usableFromInline
struct Favourites {
  static let count = 256

  @usableFromInline let places: UnsafeMutablePointer<UnsafeMutableRawPointer?>
  @usableFromInline let mask: UnsafeMutablePointer<UInt64>

  /// - Parameter mask: a word for each eight bytes of a key.
  init(mask words: [UInt64]) {
    places = .allocate(capacity: Self.count)
    places.initialize(repeating: nil, count: Self.count)
    mask = .allocate(capacity: max(1, words.count))
    mask.initialize(repeating: 0, count: max(1, words.count))
    for (index, word) in words.enumerated() { mask[index] = word }
  }

  func deallocate() {
    places.deallocate()
    mask.deallocate()
  }

  /// Where the node for this key would be.
  @inlinable
  func place(_ key: some Any) -> UnsafeMutablePointer<UnsafeMutableRawPointer?> {
    withUnsafeBytes(of: key) { bytes in
      guard let start = bytes.baseAddress else { return places }
      return places + Int(metric_mix(start, mask, bytes.count) & 127) * 2
    }
  }

  /// Of two threads that note at once, one may have done so in vain.
  @inlinable
  static func note(_ node: UnsafeMutableRawPointer, at place: UnsafeMutablePointer<UnsafeMutableRawPointer?>)
  {
    if metric_pointer_load(place) == nil {
      metric_pointer_store(place, node)
    } else if metric_pointer_load(place) != node, metric_pointer_load(place + 1) == nil {
      metric_pointer_store(place + 1, node)
    }
  }

  func forget(_ node: UnsafeMutableRawPointer) {
    for index in 0..<Self.count where metric_pointer_load(places + index) == node {
      metric_pointer_store(places + index, nil)
    }
  }

  func forgetAll() {
    for index in 0..<Self.count { metric_pointer_store(places + index, nil) }
  }
}
