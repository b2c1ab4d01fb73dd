import Foundation

extension CDB {
  /// What one process makes of the recordings.
  struct OneProcess: Sendable {
    /// Of its store, which is there until the tests end, and is only to be read.
    var dataDirectory: String
    var report: ReplayReport
  }

  /// Replays the recordings in one process, once for all tests that ask for the same settings.
  static func oneProcess(with settings: [String: String]) async throws -> OneProcess {
    try await OneProcesses.shared.made(with: settings)
  }

  private actor OneProcesses {
    static let shared = OneProcesses()

    private static let folder: String = {
      atexit { try? FileManager.default.removeItem(atPath: OneProcesses.folder) }
      return FileManager.default.temporaryDirectory.path + "/cdb-acceptance-" + UUID().uuidString
    }()

    private var all: [[String: String]: Task<OneProcess, any Error>] = [:]

    func made(with settings: [String: String]) async throws -> OneProcess {
      if let task = all[settings] { return try await task.value }
      let data = "\(Self.folder)/\(all.count)"
      let task = Task {
        try FileManager.default.createDirectory(atPath: data, withIntermediateDirectories: true)
        let assignments = settings.sorted { $0.key < $1.key }.flatMap { ["--set", "\($0.key)=\($0.value)"] }
        let report = try await CDB.replay(
          RecordedData.both, ["--data-dir", data] + assignments, in: Self.folder)
        return OneProcess(dataDirectory: data, report: report)
      }
      all[settings] = task
      return try await task.value
    }
  }
}
