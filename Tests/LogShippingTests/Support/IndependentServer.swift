import Foundation
import HTTPTransport
import LoopbackPorts
import ProgramFixture
import Testing

@testable import LogShipping

/// Servers of `_bulk` and search that others wrote, of Python's packages: `noida-db`, which is like Elasticsearch 8 without data streams
/// and lifecycle policies, and `osmem-server`, which is like OpenSearch 3 without ingest pipelines.
enum IndependentServer: String, CaseIterable, Sendable, CustomTestStringConvertible {
  case elasticsearch = "noida_db"
  case openSearch = "osmem_server"

  var testDescription: String { rawValue }

  /// Its program; nil where it is not installed.
  func program() async throws -> String? {
    try await withTemporaryDirectory { folder in
      let script = """
        import importlib.util as u, sys
        open(sys.argv[2], 'w').write(u.find_spec(sys.argv[1]).submodule_search_locations[0])
        """
      let python = Surroundings.python.hasPrefix("/") ? Surroundings.python : "/usr/bin/env"
      let arguments = python == Surroundings.python ? [] : [Surroundings.python]
      let child = try Program(python, arguments + ["-c", script, rawValue, folder + "/path"], in: folder)
      guard try await child.exit() == 0 else { return nil }
      let package = try String(contentsOfFile: folder + "/path", encoding: .utf8)
      let program = package + (self == .elasticsearch ? "/noida-db" : "/bin/osmem-server")
      return FileManager.default.isExecutableFile(atPath: program) ? program : nil
    }
  }

  static func areInstalled() async throws -> Bool {
    for server in allCases where try await server.program() == nil { return false }
    return true
  }

  /// Runs the server for as long as `body` takes, with an empty folder.
  func during<Result: Sendable>(_ body: @Sendable (_ url: String, _ folder: String) async throws -> Result)
    async throws
    -> Result
  {
    let program = try #require(try await program(), "\(rawValue) is not installed")
    return try await withTemporaryDirectory(with: ["logs"]) { folder in
      let port = try FreePort.next()
      let arguments =
        self == .elasticsearch
        ? [
          "start", "--data-dir", folder + "/server", "--host", "127.0.0.1", "--only", "elasticsearch",
          "--elasticsearch-port", "\(port)",
        ] : ["-addr", "127.0.0.1:\(port)", "-no-stdin-watch"]
      let server = try Program(program, arguments, in: folder)
      let url = "http://127.0.0.1:\(port)"
      do {
        _ = try await eventually("\(rawValue) answers") {
          try? await Self.ask(url + "/").isEmpty
        }
        let result = try await body(url, folder)
        await server.end()
        return result
      } catch {
        await server.end()
        throw error
      }
    }
  }

  /// What a server answers to a question.
  static func ask(_ url: String, _ method: String = "GET", _ body: String = "") async throws -> [String: Any]
  {
    let client = HTTPClient()
    defer { client.shutdown() }
    let response = try await client.send(
      HTTPRequest(
        method: method, url: url, headers: [("Content-Type", "application/json")], body: Array(body.utf8)))
    try #require((200..<300).contains(response.status), "\(method) \(url): \(BulkClient.words(of: response))")
    return try #require(try JSONSerialization.jsonObject(with: Data(response.body)) as? [String: Any])
  }
}

extension Trait where Self == ConditionTrait {
  /// In continuous integration nothing may be missing: what would be skipped elsewhere fails there.
  static var needsIndependentServers: Self {
    .enabled("needs a Python with noida-db and osmem-server; name it with CDB_TEST_PYTHON") {
      if Surroundings.isCI { return true }
      return try await IndependentServer.areInstalled()
    }
  }
}

/// The files of the folder `elk`.
enum ElkFolder {
  static let url = Surroundings.repository.appending(path: "elk")

  static func artefacts() throws -> [SearchArtefact] {
    let folders: [(String, SearchArtefact.Kind)] = [
      ("lifecycle-policies", .lifecyclePolicy), ("ingest-pipelines", .ingestPipeline),
      ("component-templates", .componentTemplate), ("index-templates", .indexTemplate),
    ]
    return try folders.flatMap { folder, kind in
      let folder = url.appending(path: folder)
      return try FileManager.default.contentsOfDirectory(atPath: folder.path).sorted().map { file in
        try SearchArtefact(
          kind: kind, name: String(file.dropLast(".json".count)),
          json: [UInt8](Data(contentsOf: folder.appending(path: file))))
      }
    }
  }

  static func json(_ path: String) throws -> [String: Any] {
    try #require(
      try JSONSerialization.jsonObject(with: Data(contentsOf: url.appending(path: path))) as? [String: Any])
  }
}
