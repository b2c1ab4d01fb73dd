/// What a scraper asks for, as far as it concerns the metrics: values of headers and of the query.
public struct ScrapeRequest: Sendable, Hashable {
  /// The header `Accept`.
  public var accept: String?
  /// The header `Accept-Encoding`.
  public var acceptEncoding: String?
  /// The values of the query parameter `name[]`, each the name of a family or a sample; empty means all.
  public var names: [String]
  /// The header `X-Prometheus-Scrape-Timeout-Seconds`.
  public var timeout: String?

  public init(
    accept: String? = nil, acceptEncoding: String? = nil, names: [String] = [], timeout: String? = nil
  ) {
    self.accept = accept
    self.acceptEncoding = acceptEncoding
    self.names = names
    self.timeout = timeout
  }
}

extension ScrapeRequest {
  /// What an HTTP request asks for.
  ///
  /// - Parameters:
  ///   - query: the decoded pairs of the URL's query; those that are not `name[]` are passed over.
  ///   - header: the value of a header, whose name is given in its usual spelling; several of one name joined by commas.
  public init(query: some Sequence<(name: String, value: String)>, header: (String) -> String?) {
    self.init(
      accept: header("Accept"), acceptEncoding: header("Accept-Encoding"),
      names: query.filter { $0.name == "name[]" }.map(\.value),
      timeout: header("X-Prometheus-Scrape-Timeout-Seconds"))
  }

  /// As the other, with the query as it stands in the URL; what is no valid percent-encoding there stands for itself.
  public init(query: String?, header: (String) -> String?) {
    self.init(query: ScrapeQuery.items(of: query ?? ""), header: header)
  }
}

/// What goes back to a scraper.
public struct ScrapeAnswer: Sendable, Hashable {
  /// 200, or 503 with a sentence as the body.
  public let status: Int
  /// In the order in which they are to be sent; `Content-Length` is the server's to add.
  public let headers: [Header]
  public let body: [UInt8]

  public struct Header: Sendable, Hashable {
    public let name: String
    public let value: String
  }

  init(status: Int = 200, _ headers: [(String, String)], _ body: [UInt8]) {
    self.status = status
    self.headers = headers.map { Header(name: $0.0, value: $0.1) }
    self.body = body
  }

  /// The value of the first header of this name, in whatever case.
  public func header(_ name: String) -> String? {
    headers.first { $0.name.lowercased() == name.lowercased() }?.value
  }
}
