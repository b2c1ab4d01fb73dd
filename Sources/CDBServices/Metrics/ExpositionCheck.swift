import OpenMetrics

/// What `cdb metrics check` says of an exposition.
public enum ExpositionCheck: Sendable, CustomStringConvertible {
  public enum Format: String, Sendable, CaseIterable {
    case openmetrics
    case openmetrics2
    case text
    case text1
    case protobuf

    var exposition: ExpositionFormat {
      switch self {
      case .openmetrics: .openMetrics1
      case .openmetrics2: .openMetrics2
      case .text: .text004
      case .text1: .text100
      case .protobuf: .protobuf
      }
    }
  }

  case accepted(ParsedExposition)
  case refused(ParseError)

  /// - Parameters:
  ///   - allowsQuotedNames: whether OpenMetrics 1.0 and text 0.0.4 may have names in quotes; the newer formats have them.
  ///   - isLenient: whether what Prometheus takes is accepted, and its faults only told.
  public static func check(
    _ bytes: [UInt8], format: Format, allowsQuotedNames: Bool = false, isLenient: Bool = false
  ) -> ExpositionCheck {
    let parser = ExpositionParser(
      format: format.exposition, mode: isLenient ? .lenient : .strict,
      options: .init(allowsQuotedNames: allowsQuotedNames))
    do throws(ParseError) {
      return .accepted(try parser.parse(bytes))
    } catch {
      return .refused(error)
    }
  }

  /// A line for each fault, `file:line:column: reason`; a fault of a whole line or of several is at their first column.
  /// Of protobuf it is `file:message:byte: reason`.
  public func faults(in file: String) -> [String] {
    switch self {
    case .refused(let error): return [Self.line(error, in: file)]
    case .accepted(let exposition):
      let more = exposition.overlookedCount - exposition.overlooked.count
      return exposition.overlooked.map { Self.line($0.error, in: file) + " (overlooked)" }
        + (more > 0 ? ["\(file): \(more) more overlooked"] : [])
    }
  }

  public var description: String {
    switch self {
    case .accepted(let exposition):
      "\(exposition.families.count) families, \(exposition.families.reduce(0) { $0 + $1.metrics.count }) metrics"
    case .refused(let error): "\(error)"
    }
  }

  private static func line(_ error: ParseError, in file: String) -> String {
    "\(file):\(error.line):\(error.column ?? 1): \(error.reason)"
      + (error.detail.isEmpty ? "" : ": \(error.detail)")
  }
}
