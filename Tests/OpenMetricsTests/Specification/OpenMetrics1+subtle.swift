import OpenMetrics

/// Sentences of OpenMetrics 1.0 that are easily read over.
enum OpenMetrics1Subtle {
  static let refused = SpecCase.table(
    ExpositionParser(format: .openMetrics1),
    [
      SpecCase(
        section: "Histogram", "an exemplar that is not a number is in no bucket",
        text: "# TYPE a histogram\na_bucket{le=\"+Inf\"} 1 # {} NaN\n# EOF\n",
        reason: .rule(.exemplarOutsideBucket), line: 2),
      SpecCase(
        section: "Exemplars", "on the count of a histogram",
        text: "# TYPE a histogram\na_bucket{le=\"+Inf\"} 1\na_count 1 # {} 1\na_sum 1\n# EOF\n",
        reason: .exemplarNotAllowed, line: 3),
      SpecCase(
        section: "Exemplars", "on the count of a gauge histogram",
        text: "# TYPE a gaugehistogram\na_bucket{le=\"+Inf\"} 1\na_gcount 1 # {} 1\na_gsum 1\n# EOF\n",
        reason: .exemplarNotAllowed, line: 3),
      SpecCase(
        section: "Exemplars", "on a quantile",
        text: "# TYPE a summary\na{quantile=\"0.5\"} 1 # {} 1\n# EOF\n", reason: .exemplarNotAllowed, line: 2),
      SpecCase(
        section: "Exemplars", "on a creation time",
        text: "# TYPE a counter\na_total 1\na_created 1 # {} 1\n# EOF\n", reason: .exemplarNotAllowed, line: 3
      ),
      SpecCase(
        section: "Exemplars", "a reserved label", text: "# TYPE a counter\na_total 1 # {_x=\"y\"} 1\n# EOF\n",
        reason: .rule(.reservedName), line: 2),
      SpecCase(
        section: "LabelSet", "a label twice in an exemplar",
        text: "# TYPE a counter\na_total 1 # {x=\"y\",x=\"z\"} 1\n# EOF\n", reason: .rule(.duplicateLabel),
        line: 2),
      SpecCase(
        section: "Exemplars", "a timestamp that is not a number",
        text: "# TYPE a counter\na_total 1 # {} 1 NaN\n# EOF\n", reason: .invalidTimestamp, line: 2),
      SpecCase(
        section: "Exemplars", "128 escapes and a name are 129 code points",
        text: "# TYPE a counter\na_total 1 # {a=\"\(String(repeating: "\\n", count: 128))\"} 1\n# EOF\n",
        reason: .exemplarTooLong, line: 2),
      SpecCase(
        section: "ABNF exemplar", "two blanks before the value",
        text: "# TYPE a counter\na_total 1 # {}  1\n# EOF\n", reason: .invalidNumber, line: 2),
      SpecCase(
        section: "Counter", "a creation time of another point",
        text: "# TYPE a counter\na_total 17 5\na_created 1 6\n# EOF\n", reason: .incompletePoint, line: 3),
      SpecCase(
        section: "Counter", "a creation time without the point's timestamp",
        text: "# TYPE a counter\na_total 17 5\na_created 1\n# EOF\n", reason: .rule(.timestampPresenceMixed),
        line: 3),
      SpecCase(
        section: "Counter", "an infinite creation time",
        text: "# TYPE a counter\na_total 1\na_created +Inf\n# EOF\n", reason: .invalidTimestamp, line: 3),
      SpecCase(
        section: "Counter", "two creation times",
        text: "# TYPE a counter\na_total 1\na_created 1\na_created 1\n# EOF\n", reason: .duplicateSample,
        line: 4),
      SpecCase(
        section: "Histogram", "a creation time alone", text: "# TYPE a histogram\na_created 2\n# EOF\n",
        reason: .rule(.noBuckets), line: 2),
      SpecCase(
        section: "MetricPoint", "a creation time after a later point",
        text: "# TYPE a counter\na_total 1 1\na_total 2 2\na_created 0 1\n# EOF\n",
        reason: .rule(.timestampsNotIncreasing), line: 4),
      SpecCase(
        section: "MetricPoint", "zero and minus zero are one time",
        text: "# TYPE a gauge\na 1 0\na 2 -0\n# EOF\n", reason: .duplicateSample, line: 3),
      SpecCase(
        section: "Histogram", "no +Inf bucket in the second point",
        text:
          "# TYPE a histogram\na_bucket{le=\"1.0\"} 1 1\na_bucket{le=\"+Inf\"} 1 1\na_bucket{le=\"1.0\"} 1 2\n# EOF\n",
        reason: .rule(.infinityBucketMissing), line: 4),
      SpecCase(
        section: "MetricPoint", "buckets of two points interleaved",
        text:
          "# TYPE a histogram\na_bucket{le=\"1.0\"} 1 1\na_bucket{le=\"1.0\"} 1 2\na_bucket{le=\"+Inf\"} 1 1\na_bucket{le=\"+Inf\"} 2 2\n# EOF\n",
        reason: .rule(.infinityBucketMissing), line: 2),
      SpecCase(
        section: "Info", "value 1.1", text: "# TYPE a info\na_info 1.1\n# EOF\n", reason: .valueNotAllowed,
        line: 2),
      SpecCase(
        section: "Info", "value NaN", text: "# TYPE a info\na_info NaN\n# EOF\n", reason: .valueNotAllowed,
        line: 2),
      SpecCase(
        section: "StateSet", "value 0.5", text: "# TYPE a stateset\na{a=\"x\"} 0.5\n# EOF\n",
        reason: .valueNotAllowed, line: 2),
      SpecCase(
        section: "StateSet", "states of two entities interleaved",
        text: "# TYPE a stateset\na{a=\"x\",b=\"1\"} 1\na{a=\"x\",b=\"2\"} 1\na{a=\"y\",b=\"1\"} 1\n# EOF\n",
        reason: .interleavedMetrics, line: 4),
      SpecCase(
        section: "Unit", "the whole name", text: "# TYPE seconds gauge\n# UNIT seconds seconds\n# EOF\n",
        reason: .rule(.unitNotSuffix), line: 2),
      SpecCase(
        section: "Unit", "before the type of a state set", text: "# UNIT a_s s\n# TYPE a_s stateset\n# EOF\n",
        reason: .rule(.unitNotAllowed), line: 1),
      SpecCase(
        section: "Unit", "in the middle of a counter's name",
        text: "# TYPE a_s_total counter\n# UNIT a_s_total s\n# EOF\n", reason: .rule(.unitNotSuffix), line: 2),
      SpecCase(
        section: "ABNF metric-descriptor", "no blank after the name of UNIT", text: "# UNIT a_s\n# EOF\n",
        reason: .unexpectedCharacter, line: 1),
      SpecCase(
        section: "ABNF metric-descriptor", "a blank after the unit", text: "# UNIT a_s s \n# EOF\n",
        reason: .invalidMetadata, line: 1),
      SpecCase(
        section: "ABNF metric-descriptor", "no blank after the name of HELP", text: "# HELP a\n# EOF\n",
        reason: .unexpectedCharacter, line: 1),
      SpecCase(
        section: "ABNF escaped-string", "an odd number of backslashes ends HELP",
        text: "# HELP a \\\\\\\n# EOF\n", reason: .invalidEscape, line: 1),
      SpecCase(
        section: "ABNF exposition", "NUL after EOF", text: "# EOF\n\u{0}", reason: .contentAfterEOF, line: 2),
      SpecCase(
        section: "ABNF exposition", "EOF twice", text: "# EOF\n# EOF\n", reason: .contentAfterEOF, line: 2),
      SpecCase(section: "ABNF eof", "in small letters", text: "# eof\n", reason: .invalidMetadata, line: 1),
      SpecCase(
        section: "Overall Structure", "a carriage return after EOF", text: "# EOF\r\n",
        reason: .invalidMetadata, line: 1),
      SpecCase(
        section: "Summary", "a quantile that is NaN",
        text: "# TYPE a summary\na{quantile=\"NaN\"} 1\n# EOF\n", reason: .invalidThreshold, line: 2),
      SpecCase(
        section: "Summary", "a negative quantile", text: "# TYPE a summary\na{quantile=\"-0.1\"} 1\n# EOF\n",
        reason: .rule(.quantileOutOfRange), line: 2),
      SpecCase(
        section: "Summary", "a quantile with a blank",
        text: "# TYPE a summary\na{quantile=\"0.5 \"} 1\n# EOF\n", reason: .invalidThreshold, line: 2),
      SpecCase(
        section: "Summary", "a quantile in two spellings",
        text: "# TYPE a summary\na{quantile=\"0.5\"} 1\na{quantile=\"0.50\"} 1\n# EOF\n",
        reason: .duplicateSample, line: 2),
      SpecCase(
        section: "Summary", "a quantile on the count",
        text: "# TYPE a summary\na_count{quantile=\"0.5\"} 1\n# EOF\n", reason: .rule(.reservedLabel), line: 2
      ),
      SpecCase(
        section: "Summary", "an infinite count", text: "# TYPE a summary\na_count +Inf\n# EOF\n",
        reason: .rule(.countNotInteger), line: 2),
      SpecCase(
        section: "Summary", "a sum that is NaN", text: "# TYPE a summary\na_sum NaN\n# EOF\n",
        reason: .rule(.sumNaN), line: 2),
      SpecCase(
        section: "Histogram", "thresholds 0 and -0",
        text:
          "# TYPE a histogram\na_bucket{le=\"-0.0\"} 1\na_bucket{le=\"0.0\"} 1\na_bucket{le=\"+Inf\"} 1\n# EOF\n",
        reason: .duplicateSample, line: 3),
      SpecCase(
        section: "Histogram", "a count without a sum beside negative thresholds",
        text: "# TYPE a histogram\na_bucket{le=\"-1\"} 1\na_bucket{le=\"+Inf\"} 1\na_count 1\n# EOF\n",
        reason: .incompletePoint, line: 2),
      SpecCase(
        section: "Histogram", "a sum that is NaN",
        text: "# TYPE a histogram\na_bucket{le=\"+Inf\"} 1\na_count 1\na_sum NaN\n# EOF\n",
        reason: .rule(.sumNaN), line: 2),
      SpecCase(
        section: "Histogram", "the +Inf bucket before others",
        text: "# TYPE a histogram\na_bucket{le=\"+Inf\"} 1\na_bucket{le=\"1\"} 1\n# EOF\n",
        reason: .rule(.bucketsNotAscending), line: 3),
      SpecCase(
        section: "Histogram", "an empty threshold", text: "# TYPE a histogram\na_bucket{le=\"\"} 1\n# EOF\n",
        reason: .invalidThreshold, line: 2),
      SpecCase(
        section: "GaugeHistogram", "a sum that is NaN",
        text: "# TYPE a gaugehistogram\na_bucket{le=\"+Inf\"} 1\na_gcount 1\na_gsum NaN\n# EOF\n",
        reason: .rule(.sumNaN), line: 2),
      SpecCase(
        section: "GaugeHistogram", "count without sum",
        text: "# TYPE a gaugehistogram\na_bucket{le=\"+Inf\"} 1\na_gcount 1\n# EOF\n",
        reason: .incompletePoint, line: 2),
      SpecCase(
        section: "GaugeHistogram", "count is not +Inf",
        text: "# TYPE a gaugehistogram\na_bucket{le=\"+Inf\"} 1\na_gcount 2\na_gsum 1\n# EOF\n",
        reason: .rule(.countMismatch), line: 2),
      SpecCase(
        section: "GaugeHistogram", "no bucket",
        text: "# TYPE a gaugehistogram\na_gcount 1\na_gsum 1\n# EOF\n", reason: .rule(.noBuckets), line: 2),
      SpecCase(
        section: "Suffixes", "a gauge that came before the counter",
        text: "# TYPE foo_created gauge\n# TYPE foo counter\n# EOF\n", reason: .clashingFamilies, line: 2),
      SpecCase(
        section: "Suffixes", "an unknown without metadata that came before the counter",
        text: "foo_created 1\n# TYPE foo counter\nfoo_total 1\n# EOF\n", reason: .clashingFamilies, line: 2),
      SpecCase(
        section: "Suffixes", "an info's sample", text: "# TYPE foo info\n# TYPE foo_info gauge\n# EOF\n",
        reason: .clashingFamilies, line: 2),
      SpecCase(
        section: "MetricFamily", "metadata of another family between",
        text: "# TYPE a gauge\n# HELP b x\na 1\n# EOF\n", reason: .duplicateFamily, line: 3),
    ])
}
