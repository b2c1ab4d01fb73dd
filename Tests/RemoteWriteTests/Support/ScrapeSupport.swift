import OpenMetrics

@testable import RemoteWrite

/// A reader of one target, for one endpoint without rules.
func makeReader(
  target: SeriesLabels = ["job": "j", "instance": "i"], honorsLabels: Bool = false, rules: [RelabelRule] = [],
  limits: ScrapeLimits = ScrapeLimits(), routes: [SampleRoute]? = nil, samplesPerFragment: Int = 1_000,
  honorsTimes: Bool = true, tracksTimes: Bool = false
) -> ScrapeReader {
  ScrapeReader(
    labeller: SeriesLabeller(target: target, honorsLabels: honorsLabels, rules: rules, limits: limits),
    routes: routes ?? [
      SampleRoute(externalLabels: [:], rules: [], samplesPerFragment: samplesPerFragment)
    ], honorsTimes: honorsTimes, tracksTimes: tracksTimes)
}

extension ScrapeReader {
  mutating func text(_ body: String, _ time: Int64) throws -> ScrapeSummary {
    try read(Array(body.utf8), isOpenMetrics: false, time: time, duration: 0.25)
  }

  mutating func open(_ body: String, _ time: Int64) throws -> ScrapeSummary {
    try read(Array(body.utf8), isOpenMetrics: true, time: time, duration: 0.25)
  }
}

/// The samples of a summary's first route but for those about the scrape: `series value@time`.
func lines(_ summary: ScrapeSummary, reports: Bool = false) throws -> [String] {
  try decoded(summary.fragments[0]).compactMap { series, sample in
    if !reports, ReportSeries.names.contains(where: { series.contains("__name__=\"\($0)\"") }) { return nil }
    let value = sample.bits == SampleValue.stale ? "stale" : "\(sample.value)"
    return "\(series) \(value)@\(sample.time)"
  }
}
