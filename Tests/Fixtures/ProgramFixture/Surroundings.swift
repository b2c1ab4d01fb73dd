import Foundation

/// What tests find around them.
public enum Surroundings {
  private static let environment = ProcessInfo.processInfo.environment
  public static let isCI = environment["CI"] == "true"
  /// Whether all is run at full length.
  public static let isSoak = environment["CDB_SOAK"] != nil
  /// How long a campaign of kills goes on, in seconds: ten minutes where all is run at full length.
  public static let campaignSeconds = isSoak ? 600.0 : 30.0
  public static let prometheus = "/usr/bin/prometheus"
  /// In continuous integration nothing may be missing: what would be skipped elsewhere fails there.
  public static var hasPrometheus: Bool { FileManager.default.isExecutableFile(atPath: prometheus) || isCI }
}
