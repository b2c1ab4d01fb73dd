extension MetricDescriptor {
  /// Every name that the family or a sample of it has in some format, for a reader of this scheme.
  func shownNames(_ escaping: EscapingScheme) -> Set<String> {
    let family = MetricFamily(self, metrics: [])
    let suffixless = FamilyNames(suffixless: family, escaping).family
    // Prometheus makes a count and a sum of a gauge histogram that comes as protobuf.
    // A counter's or an info's own name is escaped with the suffix of its sample.
    let suffixes = type.sampleSuffixes + (type == .gaugehistogram ? ["_count", "_sum"] : [])
    return Set(
      suffixes.map { suffixless + $0 } + [suffixless, FamilyNames(suffixed: family, escaping).family]
        // A collector's counter may have no suffix.
        + (type == .counter ? [escaping.escape(name)] : []))
  }
}
