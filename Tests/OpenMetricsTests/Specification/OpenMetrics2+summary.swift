import OpenMetrics

/// Summaries that OpenMetrics 2.0 refuses.
enum OpenMetrics2Summary {
  static let refused = SpecCase.table(
    ExpositionParser(format: .openMetrics2),
    [
      SpecCase(
        section: "ABNF summary-value", "no quantile list",
        text: "# TYPE a summary\na {count:1,sum:1}\n# EOF\n", reason: .invalidComposite, line: 2),
      SpecCase(
        section: "ABNF summary-value", "an open list",
        text: "# TYPE a summary\na {count:1,sum:1,quantile:[0.5:1}\n# EOF\n", reason: .invalidComposite,
        line: 2),
      SpecCase(
        section: "ABNF cs-q-count", "an infinite quantile",
        text: "# TYPE a summary\na {count:1,sum:1,quantile:[+Inf:1]}\n# EOF\n", reason: .invalidNumber,
        line: 2),
      SpecCase(
        section: "Summary", "quantiles that descend",
        text: "# TYPE a summary\na {count:1,sum:1,quantile:[0.9:1,0.5:1]}\n# EOF\n",
        reason: .quantilesNotAscending, line: 2),
      SpecCase(
        section: "Summary", "a quantile twice",
        text: "# TYPE a summary\na {count:1,sum:1,quantile:[0.5:1,0.50:1]}\n# EOF\n",
        reason: .rule(.duplicateQuantile), line: 2),
      SpecCase(
        section: "Summary", "a quantile above 1",
        text: "# TYPE a summary\na {count:1,sum:1,quantile:[1.5:1]}\n# EOF\n",
        reason: .rule(.quantileOutOfRange), line: 2),
      SpecCase(
        section: "Summary", "a negative quantile",
        text: "# TYPE a summary\na {count:1,sum:1,quantile:[-0.5:1]}\n# EOF\n",
        reason: .rule(.quantileOutOfRange), line: 2),
      SpecCase(
        section: "Summary", "a negative quantile value",
        text: "# TYPE a summary\na {count:1,sum:1,quantile:[0.5:-1]}\n# EOF\n",
        reason: .rule(.quantileValueNegative), line: 2),
      SpecCase(
        section: "Summary", "a count that is no integer",
        text: "# TYPE a summary\na {count:1.5,sum:1,quantile:[]}\n# EOF\n", reason: .rule(.countNotInteger),
        line: 2),
      SpecCase(
        section: "Summary", "a negative count",
        text: "# TYPE a summary\na {count:-1,sum:1,quantile:[]}\n# EOF\n", reason: .rule(.countNegative),
        line: 2),
      SpecCase(
        section: "Summary", "a negative sum",
        text: "# TYPE a summary\na {count:1,sum:-1,quantile:[]}\n# EOF\n", reason: .rule(.sumNegative),
        line: 2),
      SpecCase(
        section: "Summary", "a sum that is not a number",
        text: "# TYPE a summary\na {count:1,sum:NaN,quantile:[]}\n# EOF\n", reason: .rule(.sumNaN), line: 2),
      SpecCase(
        section: "Summary", "a label quantile",
        text: "# TYPE a summary\na{quantile=\"1\"} {count:1,sum:1,quantile:[]}\n# EOF\n",
        reason: .rule(.reservedLabel), line: 2),
    ])
}
