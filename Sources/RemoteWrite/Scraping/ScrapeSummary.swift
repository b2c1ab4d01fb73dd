/// What became of one scrape.
struct ScrapeSummary: Sendable, Equatable {
  /// Lines with a sample.
  var scraped = 0
  /// What metric relabelling left of them.
  var kept = 0
  /// Series that were not there in the scrape before.
  var added = 0
  /// Samples that were not kept, or are sent to nobody, by reason.
  var dropped: [DropReason: Int] = [:]
  /// Staleness markers, and samples about the scrape.
  var made = 0
  /// For each route.
  var fragments: [[Fragment]] = []
}

/// Why a sample that was scraped goes no further.
public enum DropReason: String, Sendable, Hashable, CaseIterable {
  /// `metric_relabel_configs` drops it.
  case relabelled
  /// Another sample of the scrape has the same series and time.
  case duplicate
  /// The target gave a time that is not after the one before.
  case outOfOrder = "out_of_order"
  /// Its names are not those of remote write 1.0.
  case unsendable
  /// It is a native histogram, and no endpoint wants those.
  case unwantedHistogram = "unwanted_histogram"
}
