import Foundation

/// JSON as every command prints it.
enum JSONOutput {
  static func encode(_ value: some Encodable) throws -> Data {
    let encoder = JSONEncoder()
    encoder.outputFormatting = [.sortedKeys, .prettyPrinted, .withoutEscapingSlashes]
    return try encoder.encode(value)
  }

  /// Prints a value for programs, or its text for people.
  static func show(_ value: some Encodable, isJSON: Bool, as text: @autoclosure () -> String) throws {
    print(isJSON ? String(decoding: try encode(value), as: UTF8.self) : text())
  }
}
