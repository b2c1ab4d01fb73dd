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

  @Test("TLS and password are libpq's: what does not verify is refused, and no message has the password")
  func tlsAndPassword() async throws {
    let server = try await PostgresServer()
    do {
      let certificate = try await server.startSecured(password: "s3cret")
      let url = server.url()
      let trusting = url + "?sslmode=verify-full&sslrootcert=\(certificate)"

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
