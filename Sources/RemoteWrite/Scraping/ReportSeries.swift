/// The series about a scrape.
struct ReportSeries {
  static let names = [
    "up", "scrape_duration_seconds", "scrape_samples_scraped", "scrape_samples_post_metric_relabeling",
    "scrape_series_added",
  ]

  /// In the order of ``names``.
  let identities: [[UInt8]]
  /// By name and route; nil where the route drops it.
  let encodings: [[[UInt8]?]]

  init(target: SeriesLabels, routes: [SampleRoute]) {
    let all = Self.names.map { name in
      var labels = target
      labels[SeriesLabels.nameLabel] = name
      return labels
    }
    identities = all.map(WireWriter.encode)
    encodings = all.map { labels in routes.map { $0.labels(of: labels).map(WireWriter.encode) } }
  }
}
