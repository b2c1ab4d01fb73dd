/// Chooses between gzip and no coding from the HTTP header `Accept-Encoding`.
///
/// Source: RFC 9110 section 12.5.3.
enum ContentCoding: Sendable, Hashable {
  case identity
  case gzip

  static func negotiate(acceptEncoding: String?) -> ContentCoding {
    guard let acceptEncoding, acceptEncoding.utf8.count <= ContentNegotiation.maximumHeaderLength else {
      return .identity
    }
    var gzip: Double?
    var any: Double?
    for element in acceptEncoding.split(separator: ",") {
      let parts = element.split(separator: ";", omittingEmptySubsequences: false).map(MediaRange.trim)
      guard let quality = quality(parts.dropFirst()) else { continue }
      switch parts[0].lowercased() {
      case "gzip", "x-gzip": gzip = quality
      case "*": any = quality
      default: continue
      }
    }
    return (gzip ?? any ?? 0) > 0 ? .gzip : .identity
  }

  /// `nil` when the parameters are not `q=` and a quality.
  private static func quality(_ parameters: ArraySlice<Substring>) -> Double? {
    guard let parameter = parameters.first else { return 1 }
    guard parameters.count == 1, parameter.lowercased().hasPrefix("q=") else { return nil }
    return MediaRange.quality(String(parameter.dropFirst(2)))
  }
}
