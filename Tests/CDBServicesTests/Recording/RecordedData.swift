import Foundation
import Testing

/// Real data recorded from exchanges, beside the project in `../shared/data`. A checkout elsewhere does not
/// have it, so tests that need it are skipped there; a build server that lacks it fails.
enum RecordedData {
  static let binance2024 = ["btcusdt", "ethusdt"].map { path("market/binance-ws/spot-\($0)_20240808.gz") }
  static let binance2021 = path("market/binance-ws/cryptofeed-BINANCE.ws.1.0.txt")

  /// For `.enabled(if:)`: there, or missed where it must not be.
  static var isExpected: Bool {
    FileManager.default.fileExists(atPath: binance2021)
      || ProcessInfo.processInfo.environment["CI"] == "true"
  }

  static let absence: Comment = "no recorded data in ../shared/data: skipped"

  private static func path(_ relative: String) -> String {
    let file = URL(filePath: #filePath).resolvingSymlinksInPath()
    let root = (0..<4).reduce(file) { url, _ in url.deletingLastPathComponent() }
    return root.appending(path: "../shared/data/\(relative)").standardizedFileURL.path
  }
}
