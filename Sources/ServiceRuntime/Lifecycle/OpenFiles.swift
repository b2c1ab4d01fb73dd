#if canImport(Glibc)
  import Glibc
#elseif canImport(Musl)
  import Musl
#else
  import Darwin
#endif

/// How many files this process may have open at once: every connection is one, and so is every file of a journal.
///
/// Whoever runs out of them loses more than a connection: on Linux libdispatch, which carries Swift's tasks, ends a busy
/// process when it cannot open `/proc` to look at its threads.
public enum OpenFiles {
  /// Left for what is not a connection.
  public static let reserve = 128
  /// The fewest connections that are taken, however low the limit is.
  public static let fewestConnections = 16
  /// More is of no use, and some programs walk through all that may be open.
  static let most: UInt = 65_536

  /// The soft limit of now; nil where the system does not say.
  public static var limit: Int? { read().map { Int(clamping: $0.rlim_cur) } }

  /// Raises the soft limit to the hard one, ``most`` at most; what is higher stays. What the system refuses stays as it is.
  public static func raiseLimit() {
    guard var limits = read() else { return }
    let wanted = min(limits.rlim_max, rlim_t(most))
    guard wanted > limits.rlim_cur else { return }
    limits.rlim_cur = wanted
    #if canImport(Glibc)
      setrlimit(__rlimit_resource_t(RLIMIT_NOFILE.rawValue), &limits)
    #else
      setrlimit(RLIMIT_NOFILE, &limits)
    #endif
  }

  /// How many connections fit beside what else has to be opened.
  ///
  /// - Parameters:
  ///   - wanted: how many there should be.
  ///   - limit: how many files may be open; nil: as many as wanted.
  public static func connections(_ wanted: Int, limit: Int?) -> Int {
    guard let limit else { return wanted }
    return min(wanted, max(fewestConnections, limit - reserve))
  }

  private static func read() -> rlimit? {
    var limits = rlimit()
    #if canImport(Glibc)
      let result = getrlimit(__rlimit_resource_t(RLIMIT_NOFILE.rawValue), &limits)
    #else
      let result = getrlimit(RLIMIT_NOFILE, &limits)
    #endif
    return result == 0 ? limits : nil
  }
}
