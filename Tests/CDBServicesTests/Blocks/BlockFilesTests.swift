import CDBDomain
import CDBGate
import Foundation
import ServiceRuntime
import Testing

@testable import CDBServices

@Suite("Settings and files of blocks")
struct BlockFilesTests {
  private func plan(_ flags: [String: String]) throws -> BlockPlan {
    try BlockPlan(CDBConfiguration.load(file: nil, environment: [:], flags: flags))
  }

  private static let hour: Int64 = 3_600_000_000_000

  @Test("72 hours, looked at after 24, 48 and 72, unless the settings say otherwise")
  func settings() throws {
    #expect(
      try plan([:])
        == BlockPlan(duration: 72 * Self.hour, checkpoints: [24 * Self.hour, 48 * Self.hour, 72 * Self.hour]))
    #expect(try plan(["block.duration": "3s"]).checkpoints == [1, 2, 3].map { $0 * 1_000_000_000 })
    #expect(
      try plan(["block.duration": "48h", "block.checkpoints": "1h,2h"]).checkpoints == [
        Self.hour, 2 * Self.hour,
      ])
  }

  @Test(
    "checkpoints that cannot be followed are wrong usage, and say what is expected",
    arguments: ["2h,1h", "73h", "1h,1h", "0s", "soon", "24h,later"])
  func impossible(checkpoints: String) {
    let error = #expect(throws: InvalidSetting.self) { try plan(["block.checkpoints": checkpoints]) }
    #expect(error?.key == "block.checkpoints" && error?.exitCode == 2)
    #expect(error?.description.contains("which is 3d") == true)
  }

  private func withFile(_ text: String, _ body: (String) throws -> Void) throws {
    let path = FileManager.default.temporaryDirectory.appending(path: "log-\(UUID().uuidString).md").path()
    defer { try? FileManager.default.removeItem(atPath: path) }
    try Data(text.utf8).write(to: URL(filePath: path))
    try body(path)
  }

  private func entry() throws -> DecisionLogEntry {
    try JSONDecoder().decode(
      DecisionLogEntry.self, from: Data(##"{"marker":"<!-- m -->","text":"<!-- m -->\n## Block 1\n"}"##.utf8))
  }

  @Test("an entry is appended once, and the file keeps its mode")
  func append() throws {
    try withFile("# Log\n") { path in
      chmod(path, 0o640)
      let entry = try entry()
      #expect(try DecisionLogFile.append(entry, to: path))
      #expect(!(try DecisionLogFile.append(entry, to: path)))
      #expect(try String(contentsOfFile: path, encoding: .utf8) == "# Log\n\n<!-- m -->\n## Block 1\n")
      let mode = try FileManager.default.attributesOfItem(atPath: path)[.posixPermissions] as? Int
      #expect(mode == 0o640)
    }
  }

  @Test("a link stays a link, and its file gets the entry")
  func link() throws {
    try withFile("# Log\n") { path in
      let link = path + ".link"
      defer { try? FileManager.default.removeItem(atPath: link) }
      try FileManager.default.createSymbolicLink(atPath: link, withDestinationPath: path)
      #expect(try DecisionLogFile.append(entry(), to: link))
      #expect(try FileManager.default.destinationOfSymbolicLink(atPath: link) == path)
      #expect(try String(contentsOfFile: path, encoding: .utf8).contains("## Block 1"))
    }
  }

  @Test("no log, a directory and what is no text are refused, and nothing is left behind")
  func refused() throws {
    let folder = FileManager.default.temporaryDirectory.appending(path: "logs-\(UUID().uuidString)").path()
    try FileManager.default.createDirectory(atPath: folder, withIntermediateDirectories: true)
    defer { try? FileManager.default.removeItem(atPath: folder) }
    try Data([0xFF, 0xFE]).write(to: URL(filePath: folder + "/binary"))
    let entry = try entry()
    for path in [folder, folder + "/none", folder + "/binary"] {
      #expect(throws: DecisionLogFile.Unusable.self) { try DecisionLogFile.append(entry, to: path) }
    }
    #expect(try FileManager.default.contentsOfDirectory(atPath: folder) == ["binary"])
  }

  @Test("a file is replaced as a whole, and one that cannot be written says why")
  func atomic() throws {
    try withFile("old") { path in
      try AtomicFile.write(Array("new".utf8), to: path)
      #expect(try String(contentsOfFile: path, encoding: .utf8) == "new")
    }
    let error = #expect(throws: AtomicFile.Failure.self) {
      try AtomicFile.write([1], to: "/proc/nowhere/report.md")
    }
    #expect(error?.description.hasPrefix("/proc/nowhere/report.md cannot be written") == true)
  }
}
