import CCurl

/// Why there is no response. A response with an error status is a response.
public enum HTTPTransportError: Error, Equatable, Sendable, CustomStringConvertible {
  /// The request cannot be sent as it is; nothing was sent.
  case invalidRequest(String)
  case cannotResolve(String)
  /// Nobody listens there, or the network has no way.
  case cannotConnect(String)
  case timedOut(String)
  /// The handshake failed or the peer's certificate is not trusted.
  case tls(String)
  case responseTooLarge(limit: Int)
  /// The connection broke, or the peer does not speak HTTP.
  case broken(String)
  /// The task was cancelled.
  case cancelled
  /// The client was shut down.
  case shutDown

  public var description: String {
    switch self {
    case .invalidRequest(let problem): "invalid request: \(problem)"
    case .cannotResolve(let problem): "cannot resolve: \(problem)"
    case .cannotConnect(let problem): "cannot connect: \(problem)"
    case .timedOut(let problem): "timed out: \(problem)"
    case .tls(let problem): "TLS: \(problem)"
    case .responseTooLarge(let limit): "the response is larger than \(limit) bytes"
    case .broken(let problem): "the transfer broke: \(problem)"
    case .cancelled: "cancelled"
    case .shutDown: "the HTTP client is shut down"
    }
  }

  /// Whether the same request may succeed later.
  public var isTransient: Bool {
    switch self {
    case .cannotResolve, .cannotConnect, .timedOut, .broken: true
    case .invalidRequest, .tls, .responseTooLarge, .cancelled, .shutDown: false
    }
  }

  /// Whether it was too late for the answer, and not for the connection: somebody listens there. By the words of libcurl, which
  /// has one code for both.
  public var isAfterConnecting: Bool {
    guard case .timedOut(let problem) = self else { return false }
    return problem.hasPrefix("Operation timed out")
  }

  /// What a result code of libcurl (https://curl.se/libcurl/c/libcurl-errors.html) means here.
  init(code: CURLcode, detail: String) {
    let problem = detail.isEmpty ? String(cString: curl_easy_strerror(code)) : detail
    switch code {
    case CURLE_COULDNT_RESOLVE_HOST, CURLE_COULDNT_RESOLVE_PROXY: self = .cannotResolve(problem)
    case CURLE_COULDNT_CONNECT: self = .cannotConnect(problem)
    case CURLE_OPERATION_TIMEDOUT: self = .timedOut(problem)
    case CURLE_URL_MALFORMAT, CURLE_UNSUPPORTED_PROTOCOL, CURLE_BAD_FUNCTION_ARGUMENT:
      self = .invalidRequest(problem)
    case CURLE_SSL_CONNECT_ERROR, CURLE_PEER_FAILED_VERIFICATION, CURLE_SSL_CERTPROBLEM, CURLE_SSL_CIPHER,
      CURLE_SSL_CACERT_BADFILE, CURLE_SSL_ISSUER_ERROR, CURLE_SSL_CRL_BADFILE, CURLE_USE_SSL_FAILED,
      CURLE_SSL_ENGINE_NOTFOUND, CURLE_SSL_ENGINE_SETFAILED, CURLE_SSL_ENGINE_INITFAILED,
      CURLE_SSL_INVALIDCERTSTATUS, CURLE_SSL_PINNEDPUBKEYNOTMATCH, CURLE_SSL_CLIENTCERT:
      self = .tls(problem)
    default: self = .broken(problem)
    }
  }
}
