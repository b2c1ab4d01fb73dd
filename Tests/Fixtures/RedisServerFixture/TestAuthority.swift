import Foundation

/// A certificate authority of a test's own, with a certificate for 127.0.0.1, made by openssl.
public struct TestAuthority: Sendable {
  public let directory: URL
  public var authority: URL { directory.appending(path: "ca.pem") }
  public var certificate: URL { directory.appending(path: "server.pem") }
  public var key: URL { directory.appending(path: "server.key") }

  public init() throws {
    directory = FileManager.default.temporaryDirectory.appending(path: "ca-\(UUID().uuidString.prefix(8))")
    try FileManager.default.createDirectory(at: directory, withIntermediateDirectories: true)
    let algorithm = ["-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:prime256v1", "-nodes"]
    try Self.openssl(
      ["req", "-x509"] + algorithm + [
        "-keyout", path("ca.key"), "-out", authority.path, "-days", "2", "-subj", "/CN=test authority",
      ])
    try Self.openssl(
      ["req"] + algorithm + ["-keyout", key.path, "-out", path("server.csr"), "-subj", "/CN=test server"])
    try "subjectAltName=IP:127.0.0.1\n".write(
      to: directory.appending(path: "server.ext"), atomically: true, encoding: .utf8)
    try Self.openssl([
      "x509", "-req", "-in", path("server.csr"), "-CA", authority.path, "-CAkey", path("ca.key"),
      "-CAcreateserial", "-out", certificate.path, "-days", "2", "-extfile", path("server.ext"),
    ])
  }

  public func remove() { try? FileManager.default.removeItem(at: directory) }

  private func path(_ name: String) -> String { directory.appending(path: name).path }

  private static func openssl(_ arguments: [String]) throws {
    let process = Process()
    process.executableURL = URL(filePath: "/usr/bin/openssl")
    process.arguments = arguments
    let errors = Pipe()
    process.standardError = errors
    process.standardOutput = FileHandle.nullDevice
    try process.run()
    let said = try errors.fileHandleForReading.readToEnd() ?? Data()
    process.waitUntilExit()
    guard process.terminationStatus == 0 else {
      throw RedisServer.Failure(description: "openssl: \(String(decoding: said, as: UTF8.self))")
    }
  }
}
