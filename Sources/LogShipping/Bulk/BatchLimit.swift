/// How large a request may be: half as large after the server found one too large, and twice as large again after it has taken many.
struct BatchLimit: Equatable, Sendable {
  /// It is not made smaller than this, unless less is wanted at all.
  static let smallest = 64 << 10
  /// Requests that are taken before the limit grows: at first, and at most.
  static let patience = 16...1_024

  /// What is wanted.
  let most: Int
  private(set) var bytes: Int
  /// Full requests that were taken since the limit changed.
  private var taken = 0
  private var patience = BatchLimit.patience.lowerBound

  init(most: Int) {
    self.most = most
    bytes = most
  }

  /// Takes what came of a batch.
  ///
  /// - Parameter size: of its body. One that is far from full says nothing of what the server would take.
  mutating func note(size: Int, wasTooLarge: Bool) {
    if wasTooLarge {
      // One that was read ahead, before the limit was known.
      guard size / 2 < bytes else { return }
      bytes = min(max(bytes / 2, Self.smallest), most)
      taken = 0
      // Each try that fails costs a request: it is made ever more seldom.
      patience = min(patience * 2, Self.patience.upperBound)
    } else if bytes < most, size >= bytes / 2 {
      taken += 1
      guard taken >= patience else { return }
      bytes = min(bytes * 2, most)
      taken = 0
    }
  }
}
