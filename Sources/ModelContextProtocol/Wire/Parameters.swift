/// Reads a request's parameters; what is missing or of another type is named in the error.
struct Parameters {
  let object: JSONObject

  init(_ object: JSONObject) { self.object = object }

  func string(_ name: String) throws(ProtocolError) -> String {
    guard let text = try optionalString(name) else { throw .invalidParams("\(name) is missing") }
    return text
  }

  func optionalString(_ name: String) throws(ProtocolError) -> String? {
    guard let value = object[name] else { return nil }
    guard let text = value.text else { throw .invalidParams("\(name) must be a string") }
    return text
  }

  func optionalFlag(_ name: String) throws(ProtocolError) -> Bool {
    guard let value = object[name] else { return false }
    guard let flag = value.flag else { throw .invalidParams("\(name) must be true or false") }
    return flag
  }

  func members(_ name: String) throws(ProtocolError) -> JSONObject {
    guard let members = try optionalMembers(name) else { throw .invalidParams("\(name) is missing") }
    return members
  }

  func optionalMembers(_ name: String) throws(ProtocolError) -> JSONObject? {
    guard let value = object[name] else { return nil }
    guard let members = value.members else { throw .invalidParams("\(name) must be an object") }
    return members
  }

  /// An object whose values are strings; empty where it is not there.
  func texts(_ name: String) throws(ProtocolError) -> [String: String] {
    var texts: [String: String] = [:]
    for member in try optionalMembers(name)?.members ?? [] {
      guard let text = member.value.text else {
        throw .invalidParams("the values of \(name) must be strings")
      }
      texts[member.name] = text
    }
    return texts
  }

  /// An array of strings; empty where it is not there.
  func strings(_ name: String) throws(ProtocolError) -> [String] {
    guard let value = object[name] else { return [] }
    guard let elements = value.elements else { throw .invalidParams("\(name) must be an array") }
    var strings: [String] = []
    for element in elements {
      guard let text = element.text else { throw .invalidParams("\(name) must hold strings") }
      strings.append(text)
    }
    return strings
  }
}
