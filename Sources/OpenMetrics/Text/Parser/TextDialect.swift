/// Where the grammars of the two text formats part.
enum TextDialect: Sendable {
  case openMetrics
  case text004

  /// 0.0.4 separates tokens by any number of blanks and tabs; OpenMetrics by exactly one blank.
  var allowsFreeWhitespace: Bool { self == .text004 }
  var allowsTrailingComma: Bool { self == .text004 }
  var allowsExemplars: Bool { self == .openMetrics }
  /// OpenMetrics keeps a backslash before a character that needs none; 0.0.4 knows no such sequence.
  var keepsUndefinedEscapes: Bool { self == .openMetrics }
  var reservesLeadingUnderscore: Bool { self == .openMetrics }
  /// 0.0.4 asks for one group per family, but not per metric.
  var allowsInterleavedMetrics: Bool { self == .text004 }
}
