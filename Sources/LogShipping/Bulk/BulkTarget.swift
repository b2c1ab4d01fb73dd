import Foundation
import HTTPTransport

/// Where documents go.
public struct BulkTarget: Sendable {
  /// The servers' addresses, without a path behind them; one is asked after the other where one does not answer.
  public var urls: [String]
  /// The index or data stream.
  public var index: String
  public var tls: TLSOptions
  /// The value of the header `Authorization`, asked before each request, so that what is renewed is used; nil sends none.
  public var authorization: @Sendable () throws -> String?
  /// Milliseconds that a request may take.
  public var timeout: Int64

  public init(
    urls: [String], index: String, tls: TLSOptions = TLSOptions(), timeout: Int64 = 60_000,
    authorization: @escaping @Sendable () throws -> String? = { nil }
  ) {
    self.urls = urls
    self.index = index
    self.tls = tls
    self.timeout = timeout
    self.authorization = authorization
  }

  /// An address without what its user and password are.
  static func shown(_ url: String) -> String {
    guard let scheme = url.range(of: "://"), let at = url[scheme.upperBound...].firstIndex(of: "@") else {
      return url
    }
    return url[..<scheme.upperBound] + "…" + url[at...]
  }
}
