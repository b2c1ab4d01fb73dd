import Glibc

/// How many files this process may have open.
enum DescriptorLimit {
  /// For connections, the state on the disk and whatever else is open beside the files that are followed.
  private static let reserve = 256

  /// How many of them files that are followed may take; at least one.
  static var files: Int {
    var limit = rlimit()
    guard getrlimit(__rlimit_resource_t(RLIMIT_NOFILE.rawValue), &limit) == 0 else { return 1_024 - reserve }
    return max(Int(clamping: limit.rlim_cur) - reserve, 1)
  }
}
