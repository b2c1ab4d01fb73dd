import OpenMetrics

/// Samples that OpenMetrics 1.0 refuses by their type.
enum OpenMetrics1Types {
  static let refused = SpecCase.table(
    ExpositionParser(format: .openMetrics1),
    [
      SpecCase(
        section: "Counter", "no _total", text: "# TYPE a counter\na 1\n# EOF\n", reason: .wrongSuffix, line: 2
      ),
      SpecCase(
        section: "Counter", "NaN", text: "# TYPE a counter\na_total NaN\n# EOF\n", reason: .rule(.counterNaN),
        line: 2),
      SpecCase(
        section: "Counter", "negative", text: "# TYPE a counter\na_total -1\n# EOF\n",
        reason: .rule(.counterNegative), line: 2),
      SpecCase(
        section: "Counter", "created without total", text: "# TYPE a counter\na_created 1\n# EOF\n",
        reason: .incompletePoint, line: 2),
      SpecCase(
        section: "Counter", "created is NaN", text: "# TYPE a counter\na_total 1\na_created NaN\n# EOF\n",
        reason: .invalidTimestamp, line: 3),
      SpecCase(
        section: "StateSet", "no state label", text: "# TYPE a stateset\na 1\n# EOF\n", reason: .missingLabel,
        line: 2),
      SpecCase(
        section: "StateSet", "value 2", text: "# TYPE a stateset\na{a=\"x\"} 2\n# EOF\n",
        reason: .valueNotAllowed, line: 2),
      SpecCase(
        section: "StateSet", "a state twice", text: "# TYPE a stateset\na{a=\"x\"} 1\na{a=\"x\"} 0\n# EOF\n",
        reason: .duplicateSample, line: 3),
      SpecCase(
        section: "Info", "value 0", text: "# TYPE a info\na_info{x=\"y\"} 0\n# EOF\n",
        reason: .valueNotAllowed, line: 2),
      SpecCase(
        section: "Info", "no _info", text: "# TYPE a info\na{x=\"y\"} 1\n# EOF\n", reason: .wrongSuffix,
        line: 2),
      SpecCase(
        section: "Summary", "a quantile above 1", text: "# TYPE a summary\na{quantile=\"1.5\"} 1\n# EOF\n",
        reason: .rule(.quantileOutOfRange), line: 2),
      SpecCase(
        section: "Summary", "a quantile that is no number",
        text: "# TYPE a summary\na{quantile=\"x\"} 1\n# EOF\n", reason: .invalidThreshold, line: 2),
      SpecCase(
        section: "Summary", "no quantile label", text: "# TYPE a summary\na 1\n# EOF\n",
        reason: .missingLabel, line: 2),
      SpecCase(
        section: "Summary", "a negative quantile value",
        text: "# TYPE a summary\na{quantile=\"0.5\"} -1\n# EOF\n", reason: .rule(.quantileValueNegative),
        line: 2),
      SpecCase(
        section: "Summary", "a fractional count", text: "# TYPE a summary\na_count 1.5\n# EOF\n",
        reason: .rule(.countNotInteger), line: 2),
      SpecCase(
        section: "Summary", "a negative sum", text: "# TYPE a summary\na_sum -1\n# EOF\n",
        reason: .rule(.sumNegative), line: 2),
      SpecCase(
        section: "Histogram", "no bucket", text: "# TYPE a histogram\na_count 1\na_sum 1\n# EOF\n",
        reason: .rule(.noBuckets), line: 2),
      SpecCase(
        section: "Histogram", "no +Inf bucket", text: "# TYPE a histogram\na_bucket{le=\"1.0\"} 1\n# EOF\n",
        reason: .rule(.infinityBucketMissing), line: 2),
      SpecCase(
        section: "Histogram", "no le", text: "# TYPE a histogram\na_bucket 1\n# EOF\n", reason: .missingLabel,
        line: 2),
      SpecCase(
        section: "Histogram", "le is NaN", text: "# TYPE a histogram\na_bucket{le=\"NaN\"} 1\n# EOF\n",
        reason: .invalidThreshold, line: 2),
      SpecCase(
        section: "Canonical Numbers", "infinity is not +Inf",
        text: "# TYPE a histogram\na_bucket{le=\"Inf\"} 1\n# EOF\n", reason: .invalidThreshold, line: 2),
      SpecCase(
        section: "Histogram", "le on the count",
        text: "# TYPE a histogram\na_bucket{le=\"+Inf\"} 1\na_count{le=\"1.0\"} 1\n# EOF\n",
        reason: .rule(.reservedLabel), line: 3),
      SpecCase(
        section: "Histogram", "thresholds descend",
        text: "# TYPE a histogram\na_bucket{le=\"2.0\"} 1\na_bucket{le=\"1.0\"} 1\n# EOF\n",
        reason: .rule(.bucketsNotAscending), line: 3),
      SpecCase(
        section: "Histogram", "a threshold in two spellings",
        text: "# TYPE a histogram\na_bucket{le=\"1.0\"} 1\na_bucket{le=\"1\"} 1\n# EOF\n",
        reason: .duplicateSample, line: 3),
      SpecCase(
        section: "Histogram", "not cumulative",
        text: "# TYPE a histogram\na_bucket{le=\"1.0\"} 2\na_bucket{le=\"+Inf\"} 1\n# EOF\n",
        reason: .rule(.bucketsNotCumulative), line: 2),
      SpecCase(
        section: "Histogram", "count is not +Inf",
        text: "# TYPE a histogram\na_bucket{le=\"+Inf\"} 2\na_count 1\na_sum 1\n# EOF\n",
        reason: .rule(.countMismatch), line: 2),
      SpecCase(
        section: "Histogram", "sum without count",
        text: "# TYPE a histogram\na_bucket{le=\"+Inf\"} 2\na_sum 1\n# EOF\n", reason: .incompletePoint,
        line: 2),
      SpecCase(
        section: "Histogram", "count without sum",
        text: "# TYPE a histogram\na_bucket{le=\"+Inf\"} 2\na_count 2\n# EOF\n", reason: .incompletePoint,
        line: 2),
      SpecCase(
        section: "Histogram", "a sum beside negative thresholds",
        text:
          "# TYPE a histogram\na_bucket{le=\"-1.0\"} 0\na_bucket{le=\"+Inf\"} 2\na_count 2\na_sum 1\n# EOF\n",
        reason: .rule(.sumWithNegativeThreshold), line: 2),
      SpecCase(
        section: "Histogram", "a negative sum",
        text: "# TYPE a histogram\na_bucket{le=\"+Inf\"} 2\na_count 2\na_sum -1\n# EOF\n",
        reason: .rule(.sumNegative), line: 2),
      SpecCase(
        section: "Histogram", "a negative bucket",
        text: "# TYPE a histogram\na_bucket{le=\"+Inf\"} -2\n# EOF\n", reason: .rule(.countNotInteger),
        line: 2),
      SpecCase(
        section: "GaugeHistogram", "a negative sum",
        text: "# TYPE a gaugehistogram\na_bucket{le=\"+Inf\"} 2\na_gcount 2\na_gsum -1\n# EOF\n",
        reason: .rule(.sumNegative), line: 2),
      SpecCase(
        section: "GaugeHistogram", "sum without count",
        text: "# TYPE a gaugehistogram\na_bucket{le=\"+Inf\"} 2\na_gsum 1\n# EOF\n", reason: .incompletePoint,
        line: 2),
    ])
}
