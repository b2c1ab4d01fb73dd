import Testing

/// Lets few tests that start processes run at once, whatever runs beside them: they watch real time pass,
/// and should not starve each other of it.
struct TwoAtATime: TestTrait, SuiteTrait, TestScoping {
  static let slots = Slots(2)

  var isRecursive: Bool { true }

  func scopeProvider(for test: Test, testCase: Test.Case?) -> Self? { testCase == nil ? nil : self }

  func provideScope(
    for test: Test, testCase: Test.Case?, performing body: @Sendable () async throws -> Void
  ) async throws {
    await Self.slots.take()
    do {
      try await body()
    } catch {
      await Self.slots.give()
      throw error
    }
    await Self.slots.give()
  }
}

extension Trait where Self == TwoAtATime {
  static var twoAtATime: Self { TwoAtATime() }
}

/// A counting semaphore for tasks, first come, first served.
actor Slots {
  private var free: Int
  private var waiting: [CheckedContinuation<Void, Never>] = []

  init(_ free: Int) { self.free = free }

  func take() async {
    if free > 0 {
      free -= 1
    } else {
      await withCheckedContinuation { waiting.append($0) }
    }
  }

  func give() {
    if waiting.isEmpty {
      free += 1
    } else {
      waiting.removeFirst().resume()
    }
  }
}
