import Foundation
import PostgresTesting
import Synchronization
import Testing

@testable import PostgresClient

@Suite(
  "How one gets into a PostgreSQL server", .serialized,
  .enabled(if: PostgresServer.isExpected, Comment(rawValue: PostgresServer.comment)))
struct PostgresAdmissionTests {
  private func error(_ settings: PostgresSettings) async -> PostgresError? {
    let session = PostgresSession(settings)
    defer { session.close() }
    do {
      _ = try await session.run { try $0.run([PostgresStatement("SELECT 1")]) }
      return nil
    } catch {
      return error as? PostgresError
    }
  }

  private func openssl(_ arguments: [String]) throws {
    let process = Process()
    process.executableURL = URL(filePath: "/usr/bin/openssl")
    process.arguments = arguments
    process.standardError = FileHandle.nullDevice
    process.standardOutput = FileHandle.nullDevice
    try process.run()
    process.waitUntilExit()
    try #require(process.terminationStatus == 0)
  }

  @Test("TLS and password are libpq's: what does not verify is refused, and no message has the password")
  func tlsAndPassword() async throws {
    let server = try await PostgresServer()
    do {
      // A certificate for the server's address, which is its own authority.
      let (key, certificate) = (server.directory + "/server.key", server.directory + "/server.crt")
      try openssl([
        "req", "-x509", "-newkey", "rsa:2048", "-nodes", "-days", "2", "-subj", "/CN=cdb test", "-addext",
        "subjectAltName=IP:127.0.0.1", "-keyout", key, "-out", certificate,
      ])
      let owner = try FileManager.default.attributesOfItem(atPath: server.directory + "/data")[
        .ownerAccountID]
      try FileManager.default.setAttributes(
        [.posixPermissions: 0o600, .ownerAccountID: owner ?? 0], ofItemAtPath: key)
      try await server.execute("ALTER ROLE cdb PASSWORD 's3cret'")
      try "hostssl all all 127.0.0.1/32 scram-sha-256\n".write(
        toFile: server.directory + "/data/pg_hba.conf", atomically: false, encoding: .utf8)
      try await server.stop()
      let url = server.url()
      let trusting = url + "?sslmode=verify-full&sslrootcert=\(certificate)"
      try await server.start(
        ["ssl=on", "ssl_cert_file=\(certificate)", "ssl_key_file=\(key)"],
        as: try PostgresSettings(trusting) { "s3cret" })

      // The password is asked for anew at each connection.
      let password = Mutex("wr0ng")
      let settings = try PostgresSettings(trusting) { password.withLock { $0 } }
      let wrong = try #require(await error(settings))
      #expect(wrong.kind == .notAdmitted && !"\(wrong)".contains("wr0ng"), "\(wrong)")
      password.withLock { $0 = "s3cret" }
      #expect(await error(settings) == nil)
      #expect(await error(try PostgresSettings(url))?.kind == .notAdmitted)
      let plain = await error(try PostgresSettings(url + "?sslmode=disable") { "s3cret" })
      #expect(plain?.kind == .notAdmitted, "\(String(describing: plain))")
      let untrusted = await error(
        try PostgresSettings(url + "?sslmode=verify-full&sslrootcert=/nonexistent") { "s3cret" })
      #expect(untrusted?.kind == .cannotConnect, "\(String(describing: untrusted))")
      let otherName = await error(
        try PostgresSettings(
          "postgresql://cdb@localhost:\(server.port)/postgres?hostaddr=127.0.0.1&sslmode=verify-full&sslrootcert=\(certificate)"
        ) { "s3cret" })
      #expect(otherName?.kind == .cannotConnect, "\(String(describing: otherName))")
    } catch {
      await server.remove()
      throw error
    }
    await server.remove()
  }
}
