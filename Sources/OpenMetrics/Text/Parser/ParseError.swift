/// Why an exposition was refused, and where. A refused exposition is refused whole.
public struct ParseError: Error, Sendable, Hashable {
  public enum Reason: Sendable, Hashable {
    case byteOrderMark
    case invalidUTF8
    case tooLarge
    case lineTooLong
    case tooManyLabels
    case tooManySamples
    case blankLine
    case missingFinalNewline
    case missingEOF
    case contentAfterEOF
    case invalidMetadata
    case unknownType
    case duplicateMetadata
    case metadataAfterSamples
    case invalidEscape
    case invalidMetricName
    case invalidLabels
    case invalidNumber
    case numberOutOfRange
    case invalidTimestamp
    case unexpectedCharacter
    case invalidExemplar
    case exemplarNotAllowed
    case exemplarTooLong
    case exemplarTimestampMissing
    case quotedNameNotAllowed
    case invalidComposite
    /// A number where the type has composite values, a composite value where it has numbers, or one of another type.
    case wrongValueKind
    case startTimestampNotAllowed
    case infoSuffixMissing
    case quantilesNotAscending
    /// A sample's name is not one its family's type allows.
    case wrongSuffix
    case missingLabel
    case invalidThreshold
    case duplicateSample
    case valueNotAllowed
    case incompletePoint
    case duplicateFamily
    case clashingFamilies
    case interleavedMetrics
    /// Bytes that are no message of protobuf's.
    case invalidMessage
    /// A message or a number that ends too soon, or a length beyond the end.
    case truncated
    case rule(ModelRule)
  }

  /// Counted from 1; of protobuf the number of the message.
  public let line: Int
  /// In bytes, counted from 1; `nil` when the whole line or several lines are at fault. Of protobuf the byte of the whole
  /// stream.
  public let column: Int?
  public let reason: Reason
  /// The input in question, shortened and without control characters.
  public let detail: String
  private let isOfMessages: Bool

  init(_ reason: Reason, message: Int, byte: Int?, _ detail: String = "") {
    self.reason = reason
    line = message
    column = byte
    self.detail = Self.printable(detail)
    isOfMessages = true
  }

  init(_ reason: Reason, line: Int, column: Int? = nil, _ detail: String = "") {
    self.reason = reason
    self.line = line
    self.column = column
    self.detail = Self.printable(detail)
    isOfMessages = false
  }

  /// What goes to logs and terminals must not carry the input's control characters or its length.
  private static func printable(_ text: String) -> String {
    var result = ""
    for scalar in text.unicodeScalars.prefix(120) {
      if scalar.value < 0x20 || (0x7F...0x9F).contains(scalar.value) {
        result += scalar.escaped(asASCII: true)
      } else {
        result.unicodeScalars.append(scalar)
      }
    }
    return result
  }
}

extension ParseError: CustomStringConvertible {
  public var description: String {
    let (row, position) = isOfMessages ? ("message", "byte") : ("line", "column")
    let place = column.map { "\(row) \(line), \(position) \($0)" } ?? "\(row) \(line)"
    return "\(place): \(reason)" + (detail.isEmpty ? "" : ": \(detail)")
  }
}

extension ParseError.Reason: CustomStringConvertible {
  public var description: String {
    switch self {
    case .byteOrderMark: "a byte order mark is not allowed"
    case .invalidUTF8: "invalid UTF-8"
    case .tooLarge: "the exposition is too large"
    case .lineTooLong: "the line is too long"
    case .tooManyLabels: "too many labels"
    case .tooManySamples: "too many samples"
    case .blankLine: "blank lines are not allowed"
    case .missingFinalNewline: "the last line must end with a line feed"
    case .missingEOF: "the exposition must end with \"# EOF\""
    case .contentAfterEOF: "content after \"# EOF\""
    case .invalidMetadata: "invalid metadata line"
    case .unknownType: "unknown metric type"
    case .duplicateMetadata: "metadata given twice"
    case .metadataAfterSamples: "metadata after samples"
    case .invalidEscape: "invalid escape sequence or character"
    case .invalidMetricName: "invalid metric name"
    case .invalidLabels: "invalid labels"
    case .invalidNumber: "invalid number"
    case .numberOutOfRange: "number out of range"
    case .invalidTimestamp: "invalid timestamp"
    case .unexpectedCharacter: "unexpected character"
    case .invalidExemplar: "invalid exemplar"
    case .exemplarNotAllowed: "a sample of this kind may not have exemplars"
    case .exemplarTooLong: "exemplar labels have more than \(Exemplar.maximumCodePoints) code points"
    case .exemplarTimestampMissing: "an exemplar lacks its timestamp"
    case .quotedNameNotAllowed: "names in quotes are not allowed in this format"
    case .invalidComposite: "invalid composite value"
    case .wrongValueKind: "a number or composite value that does not fit the type"
    case .startTimestampNotAllowed: "only counters, histograms and summaries may have a start timestamp"
    case .infoSuffixMissing: "the name of an info must end with _info"
    case .quantilesNotAscending: "quantiles do not ascend"
    case .wrongSuffix: "the sample's name does not fit its family's type"
    case .missingLabel: "the sample lacks the label its type needs"
    case .invalidThreshold: "invalid le or quantile value"
    case .duplicateSample: "duplicate sample"
    case .valueNotAllowed: "the value is not allowed for this type"
    case .incompletePoint: "incomplete metric point"
    case .duplicateFamily: "metric family given twice or not in one group"
    case .clashingFamilies: "sample names of two families clash"
    case .interleavedMetrics: "samples of a metric are not in one group"
    case .invalidMessage: "not a message of the format"
    case .truncated: "the message ends too soon"
    case .rule(let rule): rule.rawValue
    }
  }
}
