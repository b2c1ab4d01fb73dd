import Foundation
import Testing

/// Makes the documentation of the libraries from the modules that were built with these tests.
@Suite("The documentation of the libraries")
struct DocumentationTests {
  @Test(
    "docc understands every article and every doc comment",
    .enabled(if: Docc.isInToolchain, "the toolchain has no docc"), .timeLimit(.minutes(10)))
  func noWarnings() throws {
    let archive = FileManager.default.temporaryDirectory.appending(path: "docc-\(UUID().uuidString)")
    defer { try? FileManager.default.removeItem(at: archive) }
    let (status, output) = try Docc.run([Docc.products.path, archive.path, "--warnings-as-errors"])
    #expect(status == 0, "\(output)")
    let pages = archive.appending(path: "data/documentation")
    for page in ["openmetrics", "openmetrics/adopting", "openmetrics/metricregistry", "openmetricspush"] {
      #expect(FileManager.default.fileExists(atPath: pages.appending(path: "\(page).json").path), "\(page)")
    }
  }
}

/// The script behind `make docc`.
private enum Docc {
  static var isInToolchain: Bool { (try? run([]))?.status != 3 }

  /// The folder of this program, where the modules are too.
  static var products: URL {
    URL(filePath: "/proc/self/exe").resolvingSymlinksInPath().deletingLastPathComponent()
  }

  /// Runs it to its end; what it printed on both ways.
  static func run(_ arguments: [String]) throws -> (status: Int32, output: String) {
    let script = Process()
    script.executableURL = Repository.current.root.appending(path: "Tests/setup/docc.sh")
    script.arguments = arguments
    let pipe = Pipe()
    script.standardOutput = pipe
    script.standardError = pipe
    try script.run()
    let output = try pipe.fileHandleForReading.readToEnd() ?? Data()
    script.waitUntilExit()
    return (script.terminationStatus, String(decoding: output, as: UTF8.self))
  }
}
