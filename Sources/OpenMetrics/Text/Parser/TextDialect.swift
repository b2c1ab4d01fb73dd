/// Where the grammars of the formats part, and how much of them is asked for.
struct TextDialect: Sendable {
  let format: ExpositionFormat
  let isLenient: Bool
  let isOpenMetrics: Bool
  let allowsQuotedNames: Bool

  init(_ format: ExpositionFormat, mode: ExpositionParser.Mode, options: ExpositionParser.Options) {
    self.format = format
    isLenient = mode == .lenient
    isOpenMetrics = format == .openMetrics1 || format == .openMetrics2
    allowsQuotedNames =
      switch format {
      case .openMetrics1, .text004: options.allowsQuotedNames
      case .openMetrics2, .text100: true
      case .protobuf: false
      }
  }

  /// The Prometheus formats separate tokens by any number of blanks and tabs; OpenMetrics by exactly one blank.
  var allowsFreeWhitespace: Bool { !isOpenMetrics }
  var allowsTrailingComma: Bool { !isOpenMetrics }
  var allowsComposites: Bool { format == .openMetrics2 }
  /// OpenMetrics keeps a backslash before a character that needs none; the Prometheus formats know no such sequence.
  var keepsUndefinedEscapes: Bool { isOpenMetrics }
  /// Whether a line feed may stand in quotes without being escaped, as Prometheus' lexers have it.
  func takesLineFeeds(inName isName: Bool) -> Bool { isLenient && (isName || !isOpenMetrics) }
  var reservesLeadingUnderscore: Bool { isOpenMetrics }
  /// The Prometheus formats ask for one group a family, but not for one a metric.
  var allowsInterleavedMetrics: Bool { !isOpenMetrics || isLenient }
  /// Whether samples are called as their family is, so that a counter's `_total` is part of the family's name.
  var hasSuffixedFamilies: Bool { format != .openMetrics1 }
  /// Whether quantiles must ascend; in OpenMetrics 1.0 they may come in any order.
  var ordersQuantiles: Bool { format != .openMetrics1 }
  /// OpenMetrics 1.0 has whole counts only.
  var allowsFloatCounts: Bool { format != .openMetrics1 }
}
