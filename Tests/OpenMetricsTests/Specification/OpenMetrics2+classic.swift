import OpenMetrics

/// Classic histograms and composite values that OpenMetrics 2.0 refuses.
enum OpenMetrics2Classic {
  static let refused = SpecCase.table(
    ExpositionParser(format: .openMetrics2),
    [
      SpecCase(
        section: "CompositeValue", "a number of a histogram",
        text: "# TYPE a histogram\na 1\n# EOF\n", reason: .wrongValueKind, line: 2),
      SpecCase(
        section: "CompositeValue", "a composite value of a gauge",
        text: "# TYPE a gauge\na {count:1,sum:1,bucket:[+Inf:1]}\n# EOF\n", reason: .wrongValueKind, line: 2),
      SpecCase(
        section: "CompositeValue", "a composite value of a counter",
        text: "# TYPE a counter\na {count:1,sum:1,bucket:[+Inf:1]}\n# EOF\n", reason: .wrongValueKind, line: 2
      ),
      SpecCase(
        section: "CompositeValue", "a histogram's value of a summary",
        text: "# TYPE a summary\na {count:1,sum:1,bucket:[+Inf:1]}\n# EOF\n", reason: .wrongValueKind, line: 2
      ),
      SpecCase(
        section: "CompositeValue", "a summary's value of a histogram",
        text: "# TYPE a histogram\na {count:1,sum:1,quantile:[]}\n# EOF\n", reason: .wrongValueKind, line: 2),
      SpecCase(
        section: "GaugeHistogram", "the fields of a histogram",
        text: "# TYPE a gaugehistogram\na {count:1,sum:1,bucket:[+Inf:1]}\n# EOF\n", reason: .wrongValueKind,
        line: 2),
      SpecCase(
        section: "Histogram", "the fields of a gauge histogram",
        text: "# TYPE a histogram\na {gcount:1,gsum:1,bucket:[+Inf:1]}\n# EOF\n", reason: .wrongValueKind,
        line: 2),
      SpecCase(
        section: "CompositeValues", "a blank in braces",
        text: "# TYPE a histogram\na {count:1, sum:1,bucket:[+Inf:1]}\n# EOF\n", reason: .invalidComposite,
        line: 2),
      SpecCase(
        section: "CompositeValues", "a blank after the brace",
        text: "# TYPE a histogram\na { count:1,sum:1,bucket:[+Inf:1]}\n# EOF\n", reason: .invalidComposite,
        line: 2),
      SpecCase(
        section: "ABNF histogram-value", "no fields",
        text: "# TYPE a histogram\na {}\n# EOF\n", reason: .invalidComposite, line: 2),
      SpecCase(
        section: "ABNF histogram-value", "no sum",
        text: "# TYPE a histogram\na {count:1,bucket:[+Inf:1]}\n# EOF\n", reason: .invalidComposite, line: 2),
      SpecCase(
        section: "ABNF histogram-value", "fields in another order",
        text: "# TYPE a histogram\na {sum:1,count:1,bucket:[+Inf:1]}\n# EOF\n", reason: .invalidComposite,
        line: 2),
      SpecCase(
        section: "ABNF histogram-value", "no buckets at all",
        text: "# TYPE a histogram\na {count:1,sum:1}\n# EOF\n", reason: .invalidComposite, line: 2),
      SpecCase(
        section: "ABNF histogram-value", "a field twice",
        text: "# TYPE a histogram\na {count:1,count:1,sum:1,bucket:[+Inf:1]}\n# EOF\n",
        reason: .invalidComposite, line: 2),
      SpecCase(
        section: "ABNF histogram-value", "an unknown field",
        text: "# TYPE a histogram\na {count:1,sum:1,bucket:[+Inf:1],max:3}\n# EOF\n",
        reason: .invalidComposite, line: 2),
      SpecCase(
        section: "ABNF histogram-value", "no closing brace",
        text: "# TYPE a histogram\na {count:1,sum:1,bucket:[+Inf:1]\n# EOF\n", reason: .invalidComposite,
        line: 2),
      SpecCase(
        section: "ABNF histogram-value", "a count that is no number",
        text: "# TYPE a histogram\na {count:x,sum:1,bucket:[+Inf:1]}\n# EOF\n", reason: .invalidNumber,
        line: 2),
      SpecCase(
        section: "ABNF histogram-value", "an empty count",
        text: "# TYPE a histogram\na {count:,sum:1,bucket:[+Inf:1]}\n# EOF\n", reason: .invalidNumber, line: 2
      ),
      SpecCase(
        section: "ABNF classic-buckets", "no bucket",
        text: "# TYPE a histogram\na {count:1,sum:1,bucket:[]}\n# EOF\n",
        reason: .rule(.infinityBucketMissing), line: 2),
      SpecCase(
        section: "ABNF classic-buckets", "no bucket of infinity",
        text: "# TYPE a histogram\na {count:1,sum:1,bucket:[1:1]}\n# EOF\n",
        reason: .rule(.infinityBucketMissing), line: 2),
      SpecCase(
        section: "ABNF classic-buckets", "infinity in another spelling",
        text: "# TYPE a histogram\na {count:1,sum:1,bucket:[Inf:1]}\n# EOF\n", reason: .invalidNumber, line: 2
      ),
      SpecCase(
        section: "ABNF classic-buckets", "infinity in small letters",
        text: "# TYPE a histogram\na {count:1,sum:1,bucket:[+inf:1]}\n# EOF\n", reason: .invalidNumber,
        line: 2),
      SpecCase(
        section: "ABNF classic-buckets", "a threshold that is not a number",
        text: "# TYPE a histogram\na {count:1,sum:1,bucket:[NaN:1,+Inf:1]}\n# EOF\n", reason: .invalidNumber,
        line: 2),
      SpecCase(
        section: "ABNF classic-buckets", "negative infinity after another",
        text: "# TYPE a histogram\na {count:1,sum:1,bucket:[1:1,-Inf:1,+Inf:1]}\n# EOF\n",
        reason: .invalidNumber, line: 2),
      SpecCase(
        section: "ABNF classic-buckets", "a bucket after infinity",
        text: "# TYPE a histogram\na {count:1,sum:1,bucket:[+Inf:1,2:1]}\n# EOF\n", reason: .invalidComposite,
        line: 2),
      SpecCase(
        section: "ABNF classic-buckets", "a trailing comma",
        text: "# TYPE a histogram\na {count:1,sum:1,bucket:[1:1,]}\n# EOF\n", reason: .invalidNumber, line: 2),
      SpecCase(
        section: "ABNF classic-buckets", "a bucket without a count",
        text: "# TYPE a histogram\na {count:1,sum:1,bucket:[1,+Inf:1]}\n# EOF\n", reason: .invalidComposite,
        line: 2),
      SpecCase(
        section: "Classic Buckets", "thresholds that descend",
        text: "# TYPE a histogram\na {count:1,sum:1,bucket:[2:1,1:1,+Inf:1]}\n# EOF\n",
        reason: .rule(.bucketsNotAscending), line: 2),
      SpecCase(
        section: "Classic Buckets", "a threshold twice",
        text: "# TYPE a histogram\na {count:1,sum:1,bucket:[1:1,1.0:1,+Inf:1]}\n# EOF\n",
        reason: .rule(.bucketsNotAscending), line: 2),
      SpecCase(
        section: "Classic Buckets", "counts that are not cumulative",
        text: "# TYPE a histogram\na {count:1,sum:1,bucket:[1:2,+Inf:1]}\n# EOF\n",
        reason: .rule(.bucketsNotCumulative), line: 2),
      SpecCase(
        section: "Classic Buckets", "a count that is not infinity's",
        text: "# TYPE a histogram\na {count:2,sum:1,bucket:[+Inf:1]}\n# EOF\n", reason: .rule(.countMismatch),
        line: 2),
      SpecCase(
        section: "Histogram", "a negative bucket",
        text: "# TYPE a histogram\na {count:1,sum:1,bucket:[1:-1,+Inf:1]}\n# EOF\n",
        reason: .rule(.countNegative), line: 2),
      SpecCase(
        section: "Histogram", "a label le",
        text: "# TYPE a histogram\na{le=\"1\"} {count:1,sum:1,bucket:[+Inf:1]}\n# EOF\n",
        reason: .rule(.reservedLabel), line: 2),
      SpecCase(
        section: "GaugeHistogram", "a start timestamp",
        text: "# TYPE a gaugehistogram\na {gcount:1,gsum:1,bucket:[+Inf:1]} st@1\n# EOF\n",
        reason: .startTimestampNotAllowed, line: 2),
    ])
}
