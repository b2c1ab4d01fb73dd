/// A request over HTTP or HTTPS.
public struct HTTPRequest: Sendable {
  /// A token of RFC 9110, in capitals: `GET`, `POST`.
  public var method: String
  /// `http://` or `https://`; nothing else is followed.
  public var url: String
  /// In the order of sending; names may repeat.
  public var headers: [(name: String, value: String)]
  public var body: [UInt8]
  public var timeouts: HTTPTimeouts
  /// A longer response body ends the transfer with ``HTTPTransportError/responseTooLarge(limit:)``. The
  /// headers have the same limit.
  public var maximumResponseBytes: Int
  /// Connects to this socket instead of the URL's host, which then only names the `Host`.
  public var unixSocketPath: String?
  /// Asks for a body packed with gzip, and unpacks it; ``maximumResponseBytes`` counts what is unpacked.
  public var acceptsGzip: Bool
  /// Through what the request goes.
  public var proxy: HTTPProxy

  public init(
    method: String = "GET", url: String, headers: [(name: String, value: String)] = [], body: [UInt8] = [],
    timeouts: HTTPTimeouts = HTTPTimeouts(), maximumResponseBytes: Int = 16_777_216,
    unixSocketPath: String? = nil, acceptsGzip: Bool = false, proxy: HTTPProxy = .environment
  ) {
    self.method = method
    self.url = url
    self.headers = headers
    self.body = body
    self.timeouts = timeouts
    self.maximumResponseBytes = maximumResponseBytes
    self.unixSocketPath = unixSocketPath
    self.acceptsGzip = acceptsGzip
    self.proxy = proxy
  }
}

/// Whether a request goes through a proxy.
public enum HTTPProxy: Sendable, Equatable {
  /// As the variables `http_proxy`, `https_proxy` and `no_proxy` say.
  case environment
  /// Straight to the host, whatever the environment says.
  case none
  /// Through the proxy at this URL.
  ///
  /// - except: hosts, domains and networks that are asked straight, with commas between them; `*` is all.
  case url(String, except: String = "")
}

/// How long a request may take; whole milliseconds, at least one.
public struct HTTPTimeouts: Sendable, Equatable {
  /// Until the connection stands, name resolution and TLS included.
  public var connect: Duration
  /// Until the response is complete.
  public var total: Duration

  public init(connect: Duration = .seconds(5), total: Duration = .seconds(30)) {
    self.connect = connect
    self.total = total
  }
}

/// A complete response.
public struct HTTPResponse: Sendable {
  public let status: Int
  /// Names in lower case, in the order of arrival. Of the final response only, not of `100 Continue`.
  public let headers: [(name: String, value: String)]
  public let body: [UInt8]

  /// The first value of a header field, whatever the letter case of its name.
  public func header(_ name: String) -> String? {
    let name = name.lowercased()
    return headers.first { $0.name == name }?.value
  }
}

/// Whom to trust and how to prove who one is. Peers are always verified.
public struct TLSOptions: Sendable, Equatable {
  /// Certificates to trust instead of the system's, in PEM.
  public var authoritiesFile: String?
  /// The client's certificate and key, in PEM, for mutual TLS.
  public var certificateFile: String?
  public var privateKeyFile: String?

  public init(authoritiesFile: String? = nil, certificateFile: String? = nil, privateKeyFile: String? = nil) {
    self.authoritiesFile = authoritiesFile
    self.certificateFile = certificateFile
    self.privateKeyFile = privateKeyFile
  }
}
