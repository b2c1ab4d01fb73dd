import Synchronization

/// A family that can forget children which have nothing to tell any more.
///
/// A series that ends makes rates and sums of it end too, so nothing is forgotten unless it is asked for.
public protocol ExpiringFamily: AnyObject, Sendable {
  /// Forgets the children that have not changed for at least `age` and that the program does not hold. One that is
  /// looked up at the same moment stays, with what was counted.
  ///
  /// A child is looked at during a call, and during a scrape when ``idleAge`` is set; updates pay nothing for it. A
  /// gauge that is set to what it was has not changed.
  ///
  /// - Returns: how many were forgotten.
  @discardableResult
  func removeIdle(olderThan age: Duration) -> Int

  /// When set, every scrape first does ``removeIdle(olderThan:)`` with it. `nil`, the default, keeps all children.
  var idleAge: Duration? { get set }
}

/// A family's rule for idle children.
final class Expiry: Sendable {
  private let age = Mutex<Duration?>(nil)

  var idleAge: Duration? {
    get { age.withLock { $0 } }
    set { age.withLock { $0 = newValue } }
  }
}

extension InstrumentFamily {
  public var idleAge: Duration? {
    get { expiry.idleAge }
    set { expiry.idleAge = newValue }
  }
}
