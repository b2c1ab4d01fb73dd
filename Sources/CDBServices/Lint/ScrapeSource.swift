import Foundation
import HTTPTransport
import OpenMetrics
import ServiceRuntime

/// Nothing that could be read answers there.
public struct ScrapeOutOfReach: Error, CustomStringConvertible, ExitCodeProviding {
  public var address: String
  public var reason: String
  public var exitCode: Int32 { 2 }
  public var description: String { "\(address) gives no metrics: \(reason)" }
}

/// Reads what a service exports, from its address or from a file.
public enum ScrapeSource {
  private static let maximumBytes = 64 << 20

  /// - Parameter place: `http://…`, `https://…`, or a file.
  /// - Throws: ``ScrapeOutOfReach``, or ``LintRefusal`` where what is there is no exposition.
  public static func read(_ place: String) async throws -> DriftLint.Scrape {
    let isAddress = place.hasPrefix("http://") || place.hasPrefix("https://")
    let bytes = isAddress ? try await fetch(place) : try load(place)
    let parser = ExpositionParser(format: format(of: bytes), mode: .lenient)
    do throws(ParseError) {
      return DriftLint.Scrape(place: place, families: try parser.parse(bytes).families)
    } catch {
      throw LintRefusal(place: place, reason: "\(error)")
    }
  }

  /// OpenMetrics says where it ends, and the older format does not.
  private static func format(of bytes: [UInt8]) -> ExpositionFormat {
    let end = bytes.suffix(8).filter { $0 != 10 && $0 != 13 }
    return end.suffix(5).elementsEqual(Array("# EOF".utf8)) ? .openMetrics1 : .text004
  }

  private static func fetch(_ address: String) async throws(ScrapeOutOfReach) -> [UInt8] {
    let client = HTTPClient()
    defer { client.shutdown() }
    let response: HTTPResponse
    do {
      response = try await client.send(
        HTTPRequest(
          url: address,
          headers: [(name: "Accept", value: "application/openmetrics-text;version=1.0.0,text/plain;q=0.5")],
          timeouts: HTTPTimeouts(connect: .seconds(2), total: .seconds(15)),
          maximumResponseBytes: maximumBytes))
    } catch {
      throw ScrapeOutOfReach(address: address, reason: "\(error)")
    }
    guard response.status == 200 else {
      throw ScrapeOutOfReach(address: address, reason: "HTTP status \(response.status)")
    }
    return response.body
  }

  private static func load(_ path: String) throws(LintRefusal) -> [UInt8] {
    do {
      return try BoundedFile(path: path, maximumBytes: maximumBytes).bytes
    } catch {
      switch error {
      case .tooLarge(let limit): throw LintRefusal(place: path, reason: "larger than \(limit) bytes")
      case .unreadable(let reason): throw LintRefusal(place: path, reason: reason)
      }
    }
  }
}
