import FoundationEssentials

/// The fields of an operation's input, found by decoding the input type once from placeholders and noting what
/// it asks for.
///
/// A type that refuses placeholders (one that validates in `init(from:)`) ends the search early; then
/// ``isComplete`` is false and unknown fields are not refused.
public struct OperationParameters: Sendable {
  public struct Parameter: Codable, Equatable, Sendable {
    public let name: String
    /// A type name of JSON Schema: `string`, `integer`, `number`, `boolean`, `array`, `object`.
    public let type: String
    public let required: Bool
    /// The values of an enumeration, if it is one.
    public let choices: [String]?
  }

  public let list: [Parameter]
  public let isComplete: Bool

  init(of type: any Decodable.Type) {
    let recorder = ParameterRecorder()
    do {
      _ = try type.init(from: PlaceholderDecoder(recorder: recorder))
      isComplete = !recorder.isOpaque
    } catch {
      isComplete = false
    }
    list = recorder.parameters
  }

  func refuseUnknown(_ names: [String]) throws(OperationError) {
    let known = list.map(\.name)
    guard let unknown = names.first(where: { !known.contains($0) }) else { return }
    let nearest = NearestName.of(unknown, among: known)
    let hint =
      nearest.map { "; did you mean \($0)?" }
      ?? (known.isEmpty ? "; there are none" : "; there are \(known.joined(separator: ", "))")
    throw .invalidInput("unknown parameter \(unknown.prefix(64))\(hint)")
  }
}

/// Collects during one synchronous decoding on one thread; never leaves it.
final class ParameterRecorder {
  private(set) var parameters: [OperationParameters.Parameter] = []
  /// The input is not an object, or decodes itself in a way that cannot be followed.
  var isOpaque = false

  func note(_ name: String, type: any Decodable.Type, required: Bool) {
    guard !parameters.contains(where: { $0.name == name }) else { return }
    parameters.append(
      .init(name: name, type: Self.schemaType(type), required: required, choices: Self.choices(type)))
  }

  private static func choices(_ type: any Decodable.Type) -> [String]? {
    guard let type = type as? any CaseIterable.Type else { return nil }
    func values<T: CaseIterable>(_ type: T.Type) -> [String]? {
      let raw = type.allCases.compactMap { ($0 as? any RawRepresentable)?.rawValue as? String }
      return raw.isEmpty ? nil : raw
    }
    return values(type)
  }

  private static func schemaType(_ type: any Decodable.Type) -> String {
    switch type {
    case is String.Type: "string"
    case is Bool.Type: "boolean"
    case is any BinaryInteger.Type: "integer"
    case is any BinaryFloatingPoint.Type: "number"
    case is any RawRepresentable.Type: "string"
    case is any ArrayMarker.Type: "array"
    default: "object"
    }
  }
}

protocol ArrayMarker {
  static var elementType: Any.Type { get }
}

extension Array: ArrayMarker {
  static var elementType: Any.Type { Element.self }
}

struct AnyCodingKey: CodingKey {
  let stringValue: String
  let intValue: Int? = nil

  init(stringValue: String) { self.stringValue = stringValue }
  init?(intValue: Int) { nil }
}
