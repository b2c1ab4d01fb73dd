/// What a parser read.
public struct ParsedExposition: Sendable, Hashable {
  /// In the order of their first line.
  public let families: [MetricFamily]
  /// What a lenient parser did not mind, in the order of its finding, up to ``ParseLimits/overlooked`` of them. Empty
  /// after strict parsing.
  public let overlooked: [Overlooked]
  /// How much was overlooked in all.
  public let overlookedCount: Int

  init(families: [MetricFamily], overlooked: [Overlooked] = [], overlookedCount: Int = 0) {
    self.families = families
    self.overlooked = overlooked
    self.overlookedCount = overlookedCount
  }
}
