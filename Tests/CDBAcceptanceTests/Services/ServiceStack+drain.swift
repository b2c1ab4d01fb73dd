import Foundation
import Glibc
import Testing

extension ServiceStack {
  private struct Part: Decodable {
    struct Cut: Decodable { var barrier: UInt64 }
    var cuts: [Cut]
  }

  /// Ends ws, whose last barrier tells when all that it took has come to the store, then the others.
  func drain() async throws {
    func end(_ instance: String) async throws {
      let child = try #require(running(instance))
      #expect(child.send(SIGTERM))
      #expect(
        try await child.exit() == .code(0), "\(instance): \(child.errors.suffix(600))")
    }
    try await end("ws")
    let folders = try FileManager.default.contentsOfDirectory(atPath: folder + "/data/snapshots-ws")
    let last = folders.compactMap { UInt64($0.dropFirst("barrier-".count)) }.max() ?? 0
    func stored() async throws -> UInt64 {
      let part = try await HTTP.get(ports["db_writer"] ?? 0, "/api/v1/part").json(as: Part.self)
      return part.cuts.map(\.barrier).max() ?? 0
    }
    do {
      _ = try await eventually("barrier \(last) has come to the store", progress: stored) {
        try await stored() >= last ? true : nil
      }
    } catch let passed as DeadlinePassed {
      throw Unexpected(description: "\(passed); \(await state())")
    }
    for instance in instances.dropFirst() { try await end(instance) }
  }

  /// What the services and the streams between them tell of themselves, for whoever reads why a test failed.
  private func state() async -> String {
    var told = [await streams()]
    for instance in instances {
      let part = try? await HTTP.get(ports[instance] ?? 0, "/api/v1/part").body
      told.append("\(instance): \(part ?? "does not answer")")
    }
    let logs = folder + "/data/logs"
    for name in (try? FileManager.default.contentsOfDirectory(atPath: logs).sorted()) ?? [] {
      let text = (try? String(contentsOfFile: logs + "/" + name, encoding: .utf8)) ?? ""
      told.append("\(name): " + text.split(separator: "\n").suffix(8).joined(separator: "\n"))
    }
    return told.joined(separator: "\n")
  }
}
