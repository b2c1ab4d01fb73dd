import OpenMetrics

/// Lines, names and samples that OpenMetrics 2.0 refuses.
enum OpenMetrics2Samples {
  static let refused = SpecCase.table(
    ExpositionParser(format: .openMetrics2),
    [
      SpecCase(section: "Overall Structure", "no EOF", text: "a 1\n", reason: .missingEOF, line: 2),
      SpecCase(
        section: "Overall Structure", "a carriage return", text: "a 1\r\n# EOF\n", reason: .invalidNumber,
        line: 1),
      SpecCase(section: "ABNF exposition", "a blank line", text: "\n# EOF\n", reason: .blankLine, line: 1),
      SpecCase(
        section: "MetricFamily metadata", "a comment", text: "# x\n# EOF\n", reason: .invalidMetadata, line: 1
      ),
      SpecCase(
        section: "UTF-8 Quoting", "a name that needs quotes", text: "a.b 1\n# EOF\n",
        reason: .unexpectedCharacter, line: 1),
      SpecCase(
        section: "UTF-8 Quoting", "a label that needs quotes", text: "a{b.c=\"d\"} 1\n# EOF\n",
        reason: .invalidLabels, line: 1),
      SpecCase(
        section: "UTF-8 Quoting", "metadata that needs quotes", text: "# TYPE a.b gauge\n# EOF\n",
        reason: .unexpectedCharacter, line: 1),
      SpecCase(
        section: "ABNF name-and-labels-in-braces", "an empty name", text: "{\"\"} 1\n# EOF\n",
        reason: .invalidLabels, line: 1),
      SpecCase(
        section: "ABNF name-and-labels-in-braces", "a name that is not first",
        text: "{a=\"b\",\"c\"} 1\n# EOF\n", reason: .invalidLabels, line: 1),
      SpecCase(
        section: "ABNF name-and-labels-in-braces", "a trailing comma", text: "{\"a\",} 1\n# EOF\n",
        reason: .rule(.invalidLabelName), line: 1),
      SpecCase(
        section: "ABNF label-key", "an empty label name", text: "a{\"\"=\"b\"} 1\n# EOF\n",
        reason: .rule(.invalidLabelName), line: 1),
      SpecCase(
        section: "Label", "a reserved name", text: "a{__other__=\"b\"} 1\n# EOF\n",
        reason: .rule(.reservedName), line: 1),
      SpecCase(
        section: "LabelSet", "a label twice", text: "a{b=\"1\",\"b\"=\"2\"} 1\n# EOF\n",
        reason: .rule(.duplicateLabel), line: 1),
      SpecCase(
        section: "MetricFamily Name", "a reserved name", text: "_a 1\n# EOF\n", reason: .rule(.reservedName),
        line: 1),
      SpecCase(
        section: "MetricFamily Name", "a family twice",
        text: "# TYPE a gauge\na 1\n# TYPE b gauge\n# TYPE \"a\" gauge\n# EOF\n", reason: .duplicateFamily,
        line: 4),
      SpecCase(
        section: "MetricFamily Name", "a sample with the old suffix begins a family again",
        text: "# TYPE a counter\na_total 1\n# HELP a x\n# EOF\n", reason: .duplicateFamily, line: 3),
      SpecCase(
        section: "MetricFamily", "interleaved families", text: "a 1\nb 1\na{x=\"y\"} 1\n# EOF\n",
        reason: .duplicateFamily, line: 3),
      SpecCase(
        section: "MetricFamily metadata", "TYPE twice", text: "# TYPE a gauge\n# TYPE a gauge\n# EOF\n",
        reason: .duplicateMetadata, line: 2),
      SpecCase(
        section: "MetricFamily metadata", "metadata after samples", text: "a 1\n# HELP a x\n# EOF\n",
        reason: .metadataAfterSamples, line: 2),
      SpecCase(
        section: "Info", "a name without _info", text: "# TYPE foo info\nfoo 1\n# EOF\n",
        reason: .infoSuffixMissing, line: 1),
      SpecCase(
        section: "Info", "a unit", text: "# TYPE a_info info\n# UNIT a_info x\n# EOF\n",
        reason: .rule(.unitNotAllowed), line: 1),
      SpecCase(
        section: "Info", "a value of 2", text: "# TYPE a_info info\na_info 2\n# EOF\n",
        reason: .valueNotAllowed, line: 2),
      SpecCase(
        section: "Info", "a start timestamp", text: "# TYPE a_info info\na_info 1 st@1\n# EOF\n",
        reason: .startTimestampNotAllowed, line: 2),
      SpecCase(
        section: "Counter", "NaN", text: "# TYPE a counter\na NaN\n# EOF\n", reason: .rule(.counterNaN),
        line: 2),
      SpecCase(
        section: "Counter", "negative", text: "# TYPE a counter\na -1\n# EOF\n",
        reason: .rule(.counterNegative), line: 2),
      SpecCase(
        section: "Counter", "start timestamp before the timestamp",
        text: "# TYPE a counter\na 1 st@1 2\n# EOF\n", reason: .invalidExemplar, line: 2),
      SpecCase(
        section: "ABNF start-timestamp", "in capitals", text: "# TYPE a counter\na 1 ST@1\n# EOF\n",
        reason: .invalidTimestamp, line: 2),
      SpecCase(
        section: "ABNF start-timestamp", "no number", text: "# TYPE a counter\na 1 st@NaN\n# EOF\n",
        reason: .invalidTimestamp, line: 2),
      SpecCase(
        section: "Sample", "a start timestamp of a gauge", text: "# TYPE a gauge\na 1 st@1\n# EOF\n",
        reason: .startTimestampNotAllowed, line: 2),
      SpecCase(
        section: "Sample", "an exemplar of a gauge", text: "# TYPE a gauge\na 1 # {} 1 2\n# EOF\n",
        reason: .exemplarNotAllowed, line: 2),
      SpecCase(
        section: "Exemplars", "no timestamp", text: "# TYPE a counter\na 1 # {} 1\n# EOF\n",
        reason: .exemplarTimestampMissing, line: 2),
      SpecCase(
        section: "Exemplars", "no timestamp of the first",
        text: "# TYPE a counter\na 1 # {} 1 # {} 1 2\n# EOF\n",
        reason: .exemplarTimestampMissing, line: 2),
      SpecCase(
        section: "Exemplars", "an infinite timestamp", text: "# TYPE a counter\na 1 # {} 1 Inf\n# EOF\n",
        reason: .invalidTimestamp, line: 2),
      SpecCase(
        section: "ABNF exemplar", "a composite value",
        text: "# TYPE a counter\na 1 # {} {count:1} 1\n# EOF\n", reason: .invalidNumber, line: 2),
      SpecCase(
        section: "Metric", "the same sample twice", text: "a 1\na 2\n# EOF\n", reason: .duplicateSample,
        line: 2),
      SpecCase(
        section: "Metric", "timestamps that do not increase", text: "a 1 2\na 2 1\n# EOF\n",
        reason: .rule(.timestampsNotIncreasing), line: 2),
      SpecCase(
        section: "Metric", "interleaved metrics",
        text: "a{b=\"1\"} 1 1\na{b=\"2\"} 1 1\na{b=\"1\"} 1 2\n# EOF\n",
        reason: .interleavedMetrics, line: 3),
      SpecCase(
        section: "StateSet", "interleaved states",
        text: "# TYPE a stateset\na{a=\"x\"} 1 1\na{a=\"y\"} 1 1\na{a=\"x\"} 1 2\n# EOF\n",
        reason: .interleavedMetrics, line: 4),
      SpecCase(
        section: "StateSet", "interleaved groups",
        text: "# TYPE a stateset\na{e=\"1\",a=\"x\"} 1\na{e=\"2\",a=\"x\"} 1\na{e=\"1\",a=\"y\"} 0\n# EOF\n",
        reason: .interleavedMetrics, line: 4),
      SpecCase(
        section: "StateSet", "a state twice", text: "# TYPE a stateset\na{a=\"x\"} 1\na{a=\"x\"} 0\n# EOF\n",
        reason: .duplicateSample, line: 3),
      SpecCase(
        section: "StateSet", "no state", text: "# TYPE a stateset\na{b=\"x\"} 1\n# EOF\n",
        reason: .missingLabel, line: 2),
      SpecCase(
        section: "StateSet", "a value of 2", text: "# TYPE a stateset\na{a=\"x\"} 2\n# EOF\n",
        reason: .valueNotAllowed, line: 2),
      SpecCase(
        section: "StateSet", "timestamps of some states",
        text: "# TYPE a stateset\na{a=\"x\"} 1\na{a=\"y\"} 1 5\n# EOF\n",
        reason: .rule(.timestampPresenceMixed), line: 2),
    ])
}
