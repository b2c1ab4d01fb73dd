import Foundation
import ProgramFixture
import Testing

@Suite("Generated code")
struct GeneratedCodeTests {
  private static let compiler = "/usr/bin/protoc-c"
  private static var hasCompiler: Bool {
    FileManager.default.isExecutableFile(atPath: compiler) || Surroundings.isCI
  }

  @Test(
    "the C code is that of remote_write.proto; `make proto` writes it anew",
    .enabled(if: hasCompiler, "needs protoc-c, of the Debian package protobuf-c-compiler"))
  func generated() async throws {
    let folder =
      URL(filePath: #filePath).resolvingSymlinksInPath()
      .deletingLastPathComponent().deletingLastPathComponent().deletingLastPathComponent()
      .path + "/Sources/CPrometheusProto"
    try await withTemporaryDirectory { made in
      let program = try Program(
        Self.compiler, ["-I/usr/include", "-I\(folder)", "--c_out=\(made)", "remote_write.proto"], in: made)
      #expect(try await program.exit() == 0, "\(program.errors)")
      for (fresh, kept) in [
        ("remote_write.pb-c.c", "remote_write.pb-c.c"),
        ("remote_write.pb-c.h", "include/remote_write.pb-c.h"),
      ] {
        let code = try Self.code(made + "/" + fresh)
        #expect(try code == Self.code(folder + "/" + kept), "\(kept) is old: make proto")
        #expect(code.contains("Cprometheus__TimeSeries"))
      }
    }
  }

  /// Without the line that names the compiler's version.
  private static func code(_ path: String) throws -> String {
    try String(contentsOfFile: path, encoding: .utf8).split(separator: "\n", omittingEmptySubsequences: false)
      .filter { !$0.contains("PROTOBUF_C_MIN_COMPILER_VERSION") && !$0.hasPrefix("#if PROTOBUF_C_VERSION") }
      .joined(separator: "\n")
  }
}
