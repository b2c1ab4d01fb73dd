/// A decoding error as one line for whoever sent the input.
enum InputProblem {
  static func sentence(for error: DecodingError) -> String {
    switch error {
    case .keyNotFound(let key, let context):
      return "\(path(context.codingPath + [key])) is missing"
    case .valueNotFound(_, let context):
      return "\(path(context.codingPath)) must not be null"
    case .typeMismatch(let type, let context):
      return "\(path(context.codingPath)) must be \(name(of: type))"
    case .dataCorrupted(let context):
      return context.codingPath.isEmpty
        ? "the input is not valid JSON" : "\(path(context.codingPath)) has a value that is not allowed"
    @unknown default:
      return "the input does not fit"
    }
  }

  private static func path(_ path: [any CodingKey]) -> String {
    path.isEmpty
      ? "the input" : path.map { $0.intValue.map(String.init) ?? $0.stringValue }.joined(separator: ".")
  }

  private static func name(of type: any Any.Type) -> String {
    switch type {
    case is String.Type: "a string"
    case is Bool.Type: "true or false"
    case is any BinaryInteger.Type: "a whole number"
    case is any BinaryFloatingPoint.Type: "a number"
    case is any ArrayMarker.Type: "an array"
    default: "an object"
    }
  }
}
