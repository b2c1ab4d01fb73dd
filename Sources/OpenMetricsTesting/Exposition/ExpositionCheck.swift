import OpenMetrics

/// What a registry would expose is not what its format allows.
public struct ExpositionFault: Error, Sendable, Hashable, CustomStringConvertible {
  public let format: ExpositionFormat
  public let error: ParseError
  /// The line in question, without its line feed; empty where the error is of no line.
  public let line: String

  public var description: String {
    "\(format.rawValue): \(error)" + (line.isEmpty ? "" : "\n  \(line)")
  }
}

extension ExpositionFormat {
  /// Reads an exposition strictly: everything that the specification forbids is an error.
  public func strictlyParsed(_ bytes: [UInt8]) throws(ExpositionFault) -> [MetricFamily] {
    do throws(ParseError) {
      return try ExpositionParser(format: self).parse(bytes).families
    } catch {
      // A protobuf error counts messages.
      guard self != .protobuf else { throw ExpositionFault(format: self, error: error, line: "") }
      let lines = bytes.split(separator: UInt8(ascii: "\n"), omittingEmptySubsequences: false)
      let line =
        lines.indices.contains(error.line - 1) ? String(decoding: lines[error.line - 1], as: UTF8.self) : ""
      throw ExpositionFault(format: self, error: error, line: line)
    }
  }
}

extension MetricRegistry {
  /// Exposes everything in these formats and reads it back strictly.
  ///
  /// - Throws: ``ExpositionFault`` with the format, the line and the rule.
  public func checkExposition(as formats: [ExpositionFormat] = ExpositionFormat.allCases)
    throws(ExpositionFault)
  {
    let families = snapshot()
    for format in formats { _ = try format.strictlyParsed(Exposition.write(families, as: format)) }
  }
}
