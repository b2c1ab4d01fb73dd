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
  /// The interpreter that has what the tests need.
  public static let python = environment["CDB_TEST_PYTHON"] ?? "python3"

  /// The folder that this package is checked out into.
  public static let repository = (0..<4).reduce(URL(filePath: #filePath).resolvingSymlinksInPath()) {
    path, _ in
    path.deletingLastPathComponent()
  }
}
