import Crypto
import Foundation
import NIOCore
import NIOPosix
import NIOSSL

/// A server on loopback whose every byte is the test's: it serves the faults that a real server does not
/// produce.
struct ScriptedServer {
  /// One accepted connection, as bytes.
  struct Peer {
    var inbound: NIOAsyncChannelInboundStream<ByteBuffer>.AsyncIterator
    let outbound: NIOAsyncChannelOutboundWriter<ByteBuffer>
    private var buffer = ByteBuffer()

    init(
      _ inbound: NIOAsyncChannelInboundStream<ByteBuffer>,
      _ outbound: NIOAsyncChannelOutboundWriter<ByteBuffer>
    ) {
      self.inbound = inbound.makeAsyncIterator()
      self.outbound = outbound
    }

    func send(_ bytes: [UInt8]) async throws { try await outbound.write(ByteBuffer(bytes: bytes)) }
    func send(_ text: String) async throws { try await send(Array(text.utf8)) }

    /// The opening request, up to its blank line.
    mutating func request() async throws -> String {
      while true {
        let text = String(buffer: buffer)
        if text.contains("\r\n\r\n") {
          buffer.clear()
          return text
        }
        guard var next = try await inbound.next() else { return text }
        buffer.writeBuffer(&next)
      }
    }

    /// Answers the opening request as RFC 6455 section 4.2.2 says; `extra` goes out in the same write.
    mutating func accept(sending extra: [UInt8] = []) async throws {
      let request = try await request()
      let key = request.split(separator: "\r\n").first { $0.lowercased().hasPrefix("sec-websocket-key:") }
        .map { $0.dropFirst(18).trimmingCharacters(in: .whitespaces) }
      let answer = Self.answer(to: key ?? "")
      try await send(
        Array(
          "HTTP/1.1 101 Switching Protocols\r\nUpgrade: websocket\r\nConnection: Upgrade\r\nSec-WebSocket-Accept: \(answer)\r\n\r\n"
            .utf8) + extra)
    }

    static func answer(to key: String) -> String {
      let digest = Insecure.SHA1.hash(data: Data((key + "258EAFA5-E914-47DA-95CA-C5AB0DC85B11").utf8))
      return Data(digest).base64EncodedString()
    }

    /// The next frame of the client: its opcode and its unmasked payload; nil at the end.
    mutating func frame() async throws -> (opcode: UInt8, isMasked: Bool, payload: [UInt8])? {
      while true {
        let bytes = Array(buffer.readableBytesView)
        if bytes.count >= 2 {
          let isMasked = bytes[1] & 0x80 != 0
          let length = Int(bytes[1] & 0x7F)
          let start = 2 + (isMasked ? 4 : 0)
          if length < 126, bytes.count >= start + length {
            let key = isMasked ? Array(bytes[2..<6]) : [0, 0, 0, 0]
            let payload = bytes[start..<start + length].enumerated().map { $1 ^ key[$0 % 4] }
            buffer.moveReaderIndex(forwardBy: start + length)
            return (bytes[0] & 0x0F, isMasked, payload)
          }
        }
        guard var next = try await inbound.next() else { return nil }
        buffer.writeBuffer(&next)
      }
    }
  }

  /// Serves every connection by `script` while `body` runs with the port.
  static func during(
    tls: NIOSSLContext? = nil, script: @escaping @Sendable (inout Peer) async throws -> Void,
    _ body: (Int) async throws -> Void
  ) async throws {
    let server = try await ServerBootstrap(group: MultiThreadedEventLoopGroup.singleton)
      .serverChannelOption(.socketOption(.so_reuseaddr), value: 1)
      .bind(host: "127.0.0.1", port: 0) { channel in
        channel.eventLoop.makeCompletedFuture {
          if let tls { try channel.pipeline.syncOperations.addHandler(NIOSSLServerHandler(context: tls)) }
          return try NIOAsyncChannel<ByteBuffer, ByteBuffer>(wrappingChannelSynchronously: channel)
        }
      }
    try await withThrowingTaskGroup(of: Void.self) { group in
      group.addTask {
        try await server.executeThenClose { connections in
          try await withThrowingDiscardingTaskGroup { group in
            for try await connection in connections {
              group.addTask {
                // What a test does to its peer is the peer's affair.
                try? await connection.executeThenClose { inbound, outbound in
                  var peer = Peer(inbound, outbound)
                  try await script(&peer)
                }
              }
            }
          }
        }
      }
      try await body(server.channel.localAddress?.port ?? 0)
      group.cancelAll()
    }
  }
}

/// A frame as a server sends it.
func frame(_ opcode: UInt8, _ payload: [UInt8], fin: Bool = true) -> [UInt8] {
  var bytes = [(fin ? 0x80 : 0) | opcode]
  switch payload.count {
  case ..<126: bytes.append(UInt8(payload.count))
  case ..<65_536: bytes += [126, UInt8(payload.count >> 8), UInt8(payload.count & 0xFF)]
  default:
    bytes.append(127)
    bytes += (0..<8).reversed().map { UInt8(truncatingIfNeeded: payload.count >> ($0 * 8)) }
  }
  return bytes + payload
}

func frame(_ opcode: UInt8, _ payload: String, fin: Bool = true) -> [UInt8] {
  frame(opcode, Array(payload.utf8), fin: fin)
}
