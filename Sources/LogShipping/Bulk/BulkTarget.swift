import Foundation
import HTTPTransport

/// Where documents go.
public struct BulkTarget: Sendable {
  /// The servers' addresses, without a path behind them; one is asked after the other where one does not answer.
  public var urls: [String]
  /// The index or data stream; with ``routing``, of what names none that can be.
  public var index: String
  /// Sends lines to the data streams that they name; nil sends all to ``index``.
  public var routing: StreamRouting?
  /// How much requests are compressed (gzip): 1, fast, to 9, small; 0 leaves them as they are.
  public var compressionLevel: Int
  public var tls: TLSOptions
  /// The value of the header `Authorization`, asked before each request, so that what is renewed is used; nil sends none.
  public var authorization: @Sendable () throws -> String?
  /// Milliseconds that a request may take.
  public var timeout: Int64

  public init(
    urls: [String], index: String, routing: StreamRouting? = nil, compressionLevel: Int = 0,
    tls: TLSOptions = TLSOptions(), timeout: Int64 = 60_000,
    authorization: @escaping @Sendable () throws -> String? = { nil }
  ) {
    self.urls = urls
    self.index = index
    self.routing = routing
    self.compressionLevel = compressionLevel
    self.tls = tls
    self.timeout = timeout
    self.authorization = authorization
  }

  /// Everything that documents may be in, as the path of a request names it.
  var searched: String { routing == nil ? index : "\(index),logs-*-*" }

  /// An address without what its user and password are.
  static func shown(_ url: String) -> String {
    guard let scheme = url.range(of: "://"), let at = url[scheme.upperBound...].firstIndex(of: "@") else {
      return url
    }
    return url[..<scheme.upperBound] + "…" + url[at...]
  }
}
