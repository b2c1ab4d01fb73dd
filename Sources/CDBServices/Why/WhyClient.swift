import CDBGate
import Foundation
import HTTPTransport
import ServiceRuntime

/// A running service does not answer.
public struct ServiceOutOfReach: Error, CustomStringConvertible, ExitCodeProviding {
  public var address: String
  public var reason: String
  public var exitCode: Int32 { 3 }
  public var description: String {
    "nothing answers at \(address) (\(reason)); start it with `cdb run`, or name it with --listen"
  }
}

/// Asks a running service through its public API.
public struct ServiceClient: Sendable {
  private let address: ListenAddress

  public init(address: ListenAddress) { self.address = address }

  /// The JSON that a read operation answers.
  public func read(_ operation: String) async throws -> [UInt8] {
    let client = HTTPClient()
    defer { client.shutdown() }
    let response: HTTPResponse
    do {
      response = try await client.send(
        HTTPRequest(
          url: "http://\(address)/api/v1/\(operation)",
          timeouts: HTTPTimeouts(connect: .seconds(1), total: .seconds(5))))
    } catch {
      throw ServiceOutOfReach(address: address.description, reason: "\(error)")
    }
    guard response.status == 200 else {
      throw ServiceOutOfReach(address: address.description, reason: "HTTP status \(response.status)")
    }
    return response.body
  }

  public func why() async throws -> Diagnosis {
    let body = try await read("why")
    do {
      return try JSONDecoder().decode(Diagnosis.self, from: Data(body))
    } catch {
      throw ServiceOutOfReach(address: address.description, reason: "the answer is not cdb's")
    }
  }
}
