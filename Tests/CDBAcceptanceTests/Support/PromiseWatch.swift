import Foundation

/// A stopwatch for what the product promises by the clock. It stands still while something on this machine waits for a
/// processor or for a disk, by the kernel's own count (`/proc/pressure`): in that time nobody could have kept a promise. On
/// a machine with nothing else to do it is a common clock; on the busiest it still bounds a promise to ten times its length,
/// as it does where the kernel does not count.
struct PromiseWatch: Sendable {
  private let start = ContinuousClock.now
  private let waited = Self.waited()

  /// The time since it was made in which the machine had all that was asked of it, and at least a tenth of all time.
  var elapsed: Duration {
    let passed = ContinuousClock.now - start
    guard let before = waited, let now = Self.waited() else { return Self.counted(of: passed, waited: nil) }
    return Self.counted(of: passed, waited: now - before)
  }

  /// How much longer than on a machine of its own everything took since then: 1 to 10.
  var stretch: Double {
    let passed = ContinuousClock.now - start
    return passed > .zero ? passed / elapsed : 1
  }

  /// - Parameters:
  ///   - passed: the time that passed.
  ///   - waited: how long of it something waited; nil where that is not known.
  static func counted(of passed: Duration, waited: Duration?) -> Duration {
    max(passed - max(waited ?? passed, .zero), passed / 10)
  }

  /// How long anything has waited for a processor or a disk since the machine was started; nil where nobody counts.
  static func waited() -> Duration? {
    let counts = ["cpu", "io"].compactMap { kind -> Duration? in
      guard let text = try? String(contentsOfFile: "/proc/pressure/\(kind)", encoding: .utf8) else {
        return nil
      }
      return microseconds(in: text).map { .microseconds($0) }
    }
    return counts.count == 2 ? counts[0] + counts[1] : nil
  }

  /// The sum behind `total=` of the line that begins with `some`.
  static func microseconds(in text: String) -> Int64? {
    text.split(separator: "\n").first { $0.hasPrefix("some ") }?
      .split(separator: " ").first { $0.hasPrefix("total=") }
      .flatMap { Int64($0.dropFirst("total=".count)) }
  }
}
