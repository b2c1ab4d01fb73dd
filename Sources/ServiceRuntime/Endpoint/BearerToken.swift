/// Whether a request may change something.
struct BearerToken: Sendable {
  let source: (any SecretSource)?

  /// Nil if the request carries the token, otherwise the answer that refuses it.
  func refusal(authorization: String?) -> EndpointResponse? {
    guard let source else {
      return .error(
        403, "forbidden", "no token is configured, so that nothing can be changed over HTTP; configure one")
    }
    let expected: Secret
    do {
      expected = try source.secret()
    } catch {
      // The path is the operator's business; the caller learns that it is not the caller's fault.
      return .error(503, "unavailable", "the token cannot be read; see the service's log")
    }
    guard !expected.isEmpty, let given = Self.token(in: authorization), given == expected else {
      var answer = EndpointResponse.error(
        401, "unauthorized", "this needs the header Authorization: Bearer with the service's token")
      answer.headers.append(("WWW-Authenticate", "Bearer"))
      return answer
    }
    return nil
  }

  /// RFC 6750 section 2.1; the scheme's letter case does not matter (RFC 9110 section 11.1).
  private static func token(in authorization: String?) -> Secret? {
    guard let authorization, authorization.prefix(7).lowercased() == "bearer " else { return nil }
    return Secret(bytes: Array(authorization.utf8.dropFirst(7)).trimmingASCIIWhitespace())
  }
}
