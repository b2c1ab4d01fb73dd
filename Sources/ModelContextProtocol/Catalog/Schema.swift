/// What a value must look like: the part of JSON Schema 2020-12 that tools need, as Swift values. What is
/// told to clients and what is checked here is the same thing.
public indirect enum Schema: Sendable, Equatable {
  /// Members that are not named are refused.
  case object([Property])
  /// At most so many elements of one kind.
  case array(of: Schema, atMost: Int = 10_000)
  /// At most so many characters (Unicode scalars, as JSON Schema counts).
  case string(atMost: Int = 100_000)
  /// One of these.
  case choice([String])
  /// A whole number of 64 bits.
  case integer(ClosedRange<Int64> = Int64.min...Int64.max)
  /// A finite number.
  case number(ClosedRange<Double>? = nil)
  case boolean
  /// Whatever JSON there is.
  case any

  /// A member of an object.
  public struct Property: Sendable, Equatable {
    public var name: String
    public var schema: Schema
    public var description: String?
    public var isRequired: Bool

    public init(_ name: String, _ schema: Schema, description: String? = nil, isRequired: Bool = true) {
      self.name = name
      self.schema = schema
      self.description = description
      self.isRequired = isRequired
    }
  }

  /// The JSON Schema.
  public var json: JSONObject {
    switch self {
    case .object(let properties):
      var members = JSONObject()
      for property in properties {
        var schema = property.schema.json
        schema["description"] = property.description.map { .string($0) }
        members[property.name] = .object(schema)
      }
      var object: JSONObject = ["type": "object", "properties": .object(members)]
      let required = properties.filter(\.isRequired).map { JSONValue.string($0.name) }
      if !required.isEmpty { object["required"] = .array(required) }
      object["additionalProperties"] = false
      return object
    case .array(let element, let limit):
      return ["type": "array", "items": .object(element.json), "maxItems": .integer(Int64(limit))]
    case .string(let limit): return ["type": "string", "maxLength": .integer(Int64(limit))]
    case .choice(let names): return ["type": "string", "enum": .array(names.map { .string($0) })]
    case .integer(let range):
      var object: JSONObject = ["type": "integer"]
      if range.lowerBound > .min { object["minimum"] = .integer(range.lowerBound) }
      if range.upperBound < .max { object["maximum"] = .integer(range.upperBound) }
      return object
    case .number(let range):
      var object: JSONObject = ["type": "number"]
      object["minimum"] = range.flatMap { JSONValue($0.lowerBound) }
      object["maximum"] = range.flatMap { JSONValue($0.upperBound) }
      return object
    case .boolean: return ["type": "boolean"]
    case .any: return [:]
    }
  }

  /// Whether it describes an object, as the arguments of a tool must be one.
  var isObject: Bool { if case .object = self { true } else { false } }

  /// The first thing that is wrong with a value, as a sentence that names the place; nil where it fits.
  public func fault(in value: JSONValue, at place: String = "") -> String? {
    let name = place.isEmpty ? "the value" : place
    switch self {
    case .object(let properties):
      guard let object = value.members else { return "\(name) must be an object" }
      for property in properties {
        let inner = place.isEmpty ? property.name : "\(place).\(property.name)"
        guard let member = object[property.name] else {
          if property.isRequired { return "\(inner) is missing" }
          continue
        }
        if let fault = property.schema.fault(in: member, at: inner) { return fault }
      }
      let known = Set(properties.map(\.name))
      return object.members.first { !known.contains($0.name) }
        .map { "\(name) has no member \(JSONValue.string(ProtocolError.shortened($0.name)).encodedText)" }
    case .array(let element, let limit):
      guard let elements = value.elements else { return "\(name) must be an array" }
      guard elements.count <= limit else { return "\(name) must have at most \(limit) elements" }
      for (index, inner) in elements.enumerated() {
        if let fault = element.fault(in: inner, at: "\(place)[\(index)]") { return fault }
      }
      return nil
    case .string(let limit):
      guard let text = value.text else { return "\(name) must be a string" }
      return text.unicodeScalars.count > limit ? "\(name) must have at most \(limit) characters" : nil
    case .choice(let names):
      guard let text = value.text, names.contains(text) else {
        return "\(name) must be one of \(names.joined(separator: ", "))"
      }
      return nil
    case .integer(let range):
      guard let number = value.whole else { return "\(name) must be a whole number of 64 bits" }
      return range.contains(number)
        ? nil : "\(name) must be from \(range.lowerBound) to \(range.upperBound)"
    case .number(let range):
      guard let number = value.double else { return "\(name) must be a number" }
      guard let range, !range.contains(number) else { return nil }
      return "\(name) must be from \(range.lowerBound) to \(range.upperBound)"
    case .boolean: return value.flag == nil ? "\(name) must be true or false" : nil
    case .any: return nil
    }
  }
}
