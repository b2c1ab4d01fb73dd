/// How much a parser takes before it refuses; every limit has its own ``ParseError/Reason``.
public struct ParseLimits: Sendable, Hashable {
  public var bytes: Int
  public var lineBytes: Int
  public var labelsPerSample: Int
  public var samples: Int
  /// How many of the faults that a lenient parser overlooks are listed; the others are counted.
  public var overlooked: Int

  /// Far above what honest targets expose.
  public static let `default` = ParseLimits()

  public init(
    bytes: Int = 256 << 20, lineBytes: Int = 1 << 20, labelsPerSample: Int = 256, samples: Int = 5_000_000,
    overlooked: Int = 1000
  ) {
    self.bytes = bytes
    self.lineBytes = lineBytes
    self.labelsPerSample = labelsPerSample
    self.samples = samples
    self.overlooked = overlooked
  }
}
