import Foundation

/// The recorded frames that lie beside the repository.
enum RecordedData {
  static let folder = Surroundings.repository + "/../shared/data/market/binance-ws/"
  static let bitcoin = folder + "spot-btcusdt_20240808.gz"
  static let ether = folder + "spot-ethusdt_20240808.gz"
  static let both = [bitcoin, ether]

  static var arePresent: Bool { both.allSatisfy { FileManager.default.isReadableFile(atPath: $0) } }

  struct Missing: Error, CustomStringConvertible {
    var description: String { "the recordings are not in \(RecordedData.folder)" }
  }

  /// The lines of a recording, as `gzip` reads it.
  static func lines(of path: String, in folder: String, limit: Int = .max) async throws -> [String] {
    guard arePresent else { throw Missing() }
    let gzip = try ChildProcess("gzip", ["-dc", path], in: folder)
    guard try await gzip.exit() == .code(0) else { throw Missing() }
    return gzip.output.split(separator: "\n").prefix(limit).map(String.init)
  }
}
