import OpenMetrics

/// Lines, labels and names that OpenMetrics 1.0 refuses.
enum OpenMetrics1Structure {
  static let refused = SpecCase.table(
    ExpositionParser(format: .openMetrics1),
    [
      SpecCase(section: "ABNF exposition", "nothing at all", text: "", reason: .missingEOF, line: 1),
      SpecCase(section: "ABNF exposition", "no EOF", text: "a 1\n", reason: .missingEOF, line: 2),
      SpecCase(section: "ABNF exposition", "a cut line", text: "a 1", reason: .missingEOF, line: 1),
      SpecCase(
        section: "ABNF exposition", "content after EOF", text: "# EOF\na 1\n", reason: .contentAfterEOF,
        line: 2),
      SpecCase(
        section: "ABNF exposition", "a second line feed after EOF", text: "# EOF\n\n",
        reason: .contentAfterEOF, line: 2),
      SpecCase(
        section: "ABNF exposition", "a blank after EOF", text: "# EOF \n", reason: .invalidMetadata, line: 1),
      SpecCase(
        section: "ABNF exposition", "a blank line", text: "a 1\n\n# EOF\n", reason: .blankLine, line: 2),
      SpecCase(
        section: "Overall Structure", "a byte order mark", bytes: bytes("", [0xEF, 0xBB, 0xBF], "# EOF\n"),
        reason: .byteOrderMark, line: 1),
      SpecCase(
        section: "Overall Structure", "carriage returns", text: "a 1\r\n# EOF\n", reason: .invalidNumber,
        line: 1),
      SpecCase(
        section: "Overall Structure", "invalid UTF-8 in a label",
        bytes: bytes("a{b=\"", [0xFF], "\"} 1\n# EOF\n"), reason: .invalidUTF8, line: 1),
      SpecCase(
        section: "Overall Structure", "a surrogate in HELP",
        bytes: bytes("# HELP a ", [0xED, 0xA0, 0x80], "\n# EOF\n"), reason: .invalidUTF8, line: 1),
      SpecCase(
        section: "ABNF sample", "a name that begins with a digit", text: "0a 1\n# EOF\n",
        reason: .invalidMetricName, line: 1),
      SpecCase(
        section: "ABNF sample", "leading blank", text: " a 1\n# EOF\n", reason: .invalidMetricName, line: 1),
      SpecCase(section: "ABNF sample", "two blanks", text: "a  1\n# EOF\n", reason: .invalidNumber, line: 1),
      SpecCase(section: "ABNF sample", "a tab", text: "a\t1\n# EOF\n", reason: .unexpectedCharacter, line: 1),
      SpecCase(
        section: "ABNF sample", "trailing blank", text: "a 1 \n# EOF\n", reason: .invalidTimestamp, line: 1),
      SpecCase(section: "ABNF sample", "no value", text: "a\n# EOF\n", reason: .unexpectedCharacter, line: 1),
      SpecCase(
        section: "ABNF sample", "too many tokens", text: "a 1 2 3\n# EOF\n", reason: .invalidExemplar, line: 1
      ),
      SpecCase(
        section: "ABNF label", "trailing comma", text: "a{b=\"c\",} 1\n# EOF\n",
        reason: .rule(.invalidLabelName), line: 1),
      SpecCase(
        section: "ABNF label", "blank inside braces", text: "a{ b=\"c\"} 1\n# EOF\n",
        reason: .rule(.invalidLabelName), line: 1),
      SpecCase(
        section: "ABNF label", "colon in a label name", text: "a{b:c=\"d\"} 1\n# EOF\n",
        reason: .invalidLabels, line: 1),
      SpecCase(
        section: "ABNF label", "single quotes", text: "a{b='c'} 1\n# EOF\n", reason: .invalidLabels, line: 1),
      SpecCase(
        section: "ABNF label", "unterminated value", text: "a{b=\"c} 1\n# EOF\n", reason: .invalidLabels,
        line: 1),
      SpecCase(
        section: "ABNF label", "missing comma", text: "a{b=\"c\"d=\"e\"} 1\n# EOF\n", reason: .invalidLabels,
        line: 1),
      SpecCase(
        section: "Label", "leading underscore", text: "a{_b=\"c\"} 1\n# EOF\n", reason: .rule(.reservedName),
        line: 1),
      SpecCase(
        section: "LabelSet", "duplicate label", text: "a{b=\"c\",b=\"d\"} 1\n# EOF\n",
        reason: .rule(.duplicateLabel), line: 1),
      SpecCase(
        section: "MetricFamily Name", "leading underscore", text: "_a 1\n# EOF\n",
        reason: .rule(.reservedName), line: 1),
    ])
}
