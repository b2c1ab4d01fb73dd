/// A fault that a lenient parser did not mind.
///
/// The kinds are all the leniencies there are. What Prometheus itself refuses is refused in either mode: an OpenMetrics
/// exposition without `# EOF`, blank lines and comments in OpenMetrics, carriage returns before line feeds, types that
/// the format does not know, OpenMetrics 1.0 units that are not the name's suffix, a label twice in one sample,
/// names in an alphabet that needs quotes and has none, and numbers in any spelling that is not the format's.
public struct Overlooked: Sendable, Hashable, CustomStringConvertible {
  public enum Kind: String, Sendable, Hashable, CaseIterable {
    /// The last line has no line feed; it is read all the same.
    case missingFinalNewline
    /// Invalid UTF-8 in a comment, which says nothing anyway.
    case invalidUTF8InComment
    /// A comma before the closing brace.
    case trailingComma
    /// No comma between two labels.
    case missingComma
    /// A line feed in quotes that is not escaped: anywhere in the Prometheus formats, in names in OpenMetrics.
    case lineFeedInQuotes
    /// A quoted name where the format has none.
    case quotedName
    /// A backslash before a character that needs none, a lone one at the end of a help text, or a quote in it that has
    /// none; they stand for themselves.
    case undefinedEscape
    /// A name or label that begins with an underscore.
    case reservedName
    /// `TYPE`, `HELP` or `UNIT` again or after samples; the first one counts.
    case repeatedMetadata
    /// The unit of an info or a state set; it is left out.
    case unitNotAllowed
    /// A counter's sample without `_total`, or its family with it.
    case bareTotal
    /// An info without `_info`.
    case bareInfo
    /// `_count` and `_sum` of a gauge histogram, which has `_gcount` and `_gsum`.
    case plainGaugeCount
    /// An info that is not 1.
    case infoValue
    /// A count that is not a whole number.
    case floatCount
    /// Infinity in a `le` label, but not as `+Inf`.
    case infinitySpelling
    /// Bucket thresholds or quantiles that do not ascend; they are sorted.
    case notAscending
    /// A histogram without a `+Inf` bucket; its count, or else the last bucket, makes one.
    case missingInfinityBucket
    /// A count that is not the `+Inf` bucket's; the bucket counts.
    case countMismatch
    /// A sum without a count, or the other way round.
    case incompletePoint
    /// A sum that is negative, not a number or beside a negative threshold; a quantile's value that is negative; an
    /// exemplar outside its bucket.
    case valueRange
    /// An exemplar where none may be, or of a wrong form; it is left out.
    case exemplarLeftOut
    /// An exemplar with too long labels or without its timestamp.
    case exemplarForm
    /// A family in more than one group.
    case familyInGroups
    /// Samples of a metric that are not in one group.
    case interleavedMetrics
    /// Two families that would expose samples of the same name.
    case clashingFamilies
    /// A sample of a series that has one already, or whose timestamp does not ascend; it is left out.
    case repeatedSample
    /// A sample that makes no sense in its family, as a bucket without `le`; it is left out.
    case sampleLeftOut
    /// A metric that breaks a rule of the data model, as a counter that is negative; it is left out.
    case metricLeftOut
    /// A family of a protobuf exposition that comes again with another type; it is left out.
    case familyLeftOut
    /// A fault in a protobuf message.
    case message
  }

  public let kind: Kind
  /// What a strict parser would have refused the exposition with.
  public let error: ParseError

  public var description: String { "\(error)" }
}

/// What was overlooked so far; of very much, the first.
struct OverlookedLog {
  let limit: Int
  private(set) var notes: [Overlooked] = []
  private(set) var count = 0

  init(limit: Int) { self.limit = limit }

  mutating func note(_ overlooked: Overlooked) {
    count += 1
    if notes.count < limit { notes.append(overlooked) }
  }
}
