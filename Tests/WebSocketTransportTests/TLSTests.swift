import Foundation
import NIOSSL
import Testing
import WebSocketTransport

@Suite("WebSocket over TLS", .timeLimit(.minutes(10)))
struct TLSTests {
  /// A certificate that signs itself, made by openssl for these names.
  struct Certificate {
    let folder: URL
    var file: String { folder.appending(path: "certificate.pem").path }

    init(names: String) throws {
      folder = FileManager.default.temporaryDirectory.appending(path: "websocket-tls-\(UUID().uuidString)")
      try FileManager.default.createDirectory(at: folder, withIntermediateDirectories: true)
      let openssl = Process()
      openssl.executableURL = URL(filePath: "/usr/bin/env")
      openssl.arguments = [
        "openssl", "req", "-x509", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:prime256v1", "-nodes",
        "-keyout", folder.appending(path: "key.pem").path, "-out", file, "-days", "2", "-subj", "/CN=test",
        "-addext", "subjectAltName=\(names)",
      ]
      openssl.standardError = FileHandle.nullDevice
      try openssl.run()
      openssl.waitUntilExit()
      try #require(openssl.terminationStatus == 0)
    }

    func remove() { try? FileManager.default.removeItem(at: folder) }

    func server() throws -> NIOSSLContext {
      try NIOSSLContext(
        configuration: .makeServerConfiguration(
          certificateChain: NIOSSLCertificate.fromPEMFile(file).map { .certificate($0) },
          privateKey: .privateKey(
            NIOSSLPrivateKey(file: folder.appending(path: "key.pem").path, format: .pem))))
    }
  }

  private func greeting(
    _ certificate: Certificate, host: String, trusting file: String?
  ) async throws -> WebSocketEvent? {
    var greeting: WebSocketEvent?
    try await ScriptedServer.during(tls: certificate.server()) { peer in
      try await peer.accept(sending: frame(1, "over TLS"))
      _ = try await peer.frame()
    } _: { port in
      var options = WebSocketOptions()
      options.authoritiesFile = file
      let endpoint = WebSocketEndpoint(isSecure: true, host: host, port: port)
      greeting = try await WebSocketClient().withConnection(to: endpoint, options: options) { connection in
        var events = connection.events.makeAsyncIterator()
        return try await events.next()
      }
    }
    return greeting
  }

  @Test(
    "a certificate of an authority that is trusted: by name, and by address",
    arguments: ["localhost", "127.0.0.1"])
  func trusted(host: String) async throws {
    let certificate = try Certificate(names: "DNS:localhost,IP:127.0.0.1")
    defer { certificate.remove() }
    #expect(
      try await greeting(certificate, host: host, trusting: certificate.file) == .text(Array("over TLS".utf8))
    )
  }

  @Test("an authority that is not trusted is refused, and so is another host's certificate")
  func untrusted() async throws {
    let certificate = try Certificate(names: "DNS:localhost")
    let other = try Certificate(names: "DNS:other.example")
    defer { for certificate in [certificate, other] { certificate.remove() } }
    for (server, trusted) in [(certificate, nil), (certificate, other.file), (other, other.file)] {
      do {
        _ = try await greeting(server, host: "localhost", trusting: trusted)
        Issue.record("connected")
      } catch let error as WebSocketError {
        guard case .tls = error else {
          Issue.record("ended with \(error)")
          return
        }
      }
    }
  }

  @Test("an authority's file that cannot be read is named as the trouble")
  func unreadable() async throws {
    var options = WebSocketOptions()
    options.authoritiesFile = "/nowhere/ca.pem"
    let endpoint = WebSocketEndpoint(isSecure: true, host: "localhost", port: 1)
    do {
      try await WebSocketClient().withConnection(to: endpoint, options: options) { _ in }
      Issue.record("connected")
    } catch let error as WebSocketError {
      guard case .tls = error else {
        Issue.record("ended with \(error)")
        return
      }
    }
  }
}
