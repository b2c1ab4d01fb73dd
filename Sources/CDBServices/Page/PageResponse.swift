import CDBDomain
import ServiceRuntime

extension EndpointResponse {
  /// A page for people, with what keeps a browser from doing more with it than showing it.
  ///
  /// - Parameter policy: its `Content-Security-Policy`.
  static func page(_ html: HTML, _ language: Language, policy: String) -> Self {
    var answer = Self(contentType: "text/html; charset=utf-8", bytes: Array(html.text.utf8))
    answer.headers += [
      ("Content-Language", language.rawValue), ("Content-Security-Policy", policy),
      ("Referrer-Policy", "no-referrer"), ("X-Frame-Options", "DENY"),
      ("Cross-Origin-Opener-Policy", "same-origin"), ("Cross-Origin-Resource-Policy", "same-origin"),
      ("Permissions-Policy", "camera=(), geolocation=(), microphone=()"),
    ]
    return answer
  }
}
