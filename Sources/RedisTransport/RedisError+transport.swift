import NIOCore
import NIOPosix
import NIOSSL

extension RedisError {
  /// What an error of the layers below means here.
  init(_ error: any Error, address: String) {
    switch error {
    case let error as RedisError: self = error
    case is CancellationError: self.init(.cancelled, address: address)
    case let error as NIOConnectionError:
      let failures = error.connectionErrors.map { Self.text($0.error) }
      let resolution = [error.dnsAError, error.dnsAAAAError].compactMap { $0 }
      if failures.isEmpty, let first = resolution.first {
        self.init(.cannotConnect, address: address, detail: "the name is unknown: \(Self.text(first))")
      } else {
        self.init(.cannotConnect, address: address, detail: failures.joined(separator: "; "))
      }
    case ChannelError.connectTimeout:
      self.init(.cannotConnect, address: address, detail: "no connection in time")
    case NIOSSLError.uncleanShutdown:
      self.init(.connectionLost, address: address, detail: "the server ended TLS without saying so")
    case is NIOSSLError, is NIOSSLExtraError, is BoringSSLError:
      self.init(.tls, address: address, detail: "\(error)")
    default: self.init(.connectionLost, address: address, detail: Self.text(error))
    }
  }

  private static func text(_ error: any Error) -> String {
    // NIO writes `Connection refused) (errno: 111)`.
    (error as? IOError).map { $0.description.replacing(") (errno: ", with: " (errno: ") } ?? "\(error)"
  }
}
