/// A sample of a state set.
struct StateSample {
  let name: String
  let isEnabled: Bool
  let timestamp: MetricTimestamp?

  /// `nil` if the sample is none and is left out.
  init?(_ sample: SampleLine, _ label: Int?, _ lexer: inout LineLexer) throws(ParseError) {
    let subject = { (lexer: LineLexer) in lexer.text(sample.name.text) }
    guard let label, !lexer.labels[label].value.range.isEmpty else {
      try lexer.overlook(
        .sampleLeftOut, lexer.error(.missingLabel, at: lexer.start, subject(lexer)))
      return nil
    }
    let value = sample.value.doubleValue
    guard value == 0 || value == 1 else {
      let error = lexer.error(
        .valueNotAllowed, at: sample.valueToken.lowerBound, "\(subject(lexer)): a state is 0 or 1")
      try lexer.overlook(.sampleLeftOut, error)
      return nil
    }
    name = lexer.text(lexer.labels[label].value)
    isEnabled = value == 1
    timestamp = sample.timestamp
  }
}

/// The states of one entity in OpenMetrics 2.0, where each is a metric with points of its own, one after the other.
struct StateSeries {
  let line: Int
  private var names = Set<ExactText>()
  private var last: StateSample?
  private var timestamps: [MetricTimestamp?] = []
  private var states: [[StatePoint]] = []
  private var positions: [MetricTimestamp?: Int] = [:]

  init(line: Int) { self.line = line }

  mutating func add(_ state: StateSample, _ lexer: inout LineLexer) throws(ParseError) {
    if let last, ExactText(last.name) == ExactText(state.name) {
      if let reason = Self.reasonAgainst(state, after: last) {
        try lexer.overlook(.repeatedSample, lexer.error(reason, at: lexer.start, state.name))
        return
      }
    } else if !names.insert(ExactText(state.name)).inserted {
      let reason: ParseError.Reason = state.timestamp == nil ? .duplicateSample : .interleavedMetrics
      try lexer.overlook(.repeatedSample, lexer.error(reason, at: lexer.start, state.name))
      return
    }
    last = state
    let position = positions[state.timestamp] ?? timestamps.count
    if position == timestamps.count {
      positions[state.timestamp] = position
      timestamps.append(state.timestamp)
      states.append([])
    }
    states[position].append(StatePoint(state.name, state.isEnabled))
  }

  /// By ascending time.
  var points: [MetricPoint] {
    zip(timestamps, states)
      .map { MetricPoint(.stateSet($1), timestamp: $0) }
      .sorted { left, right in
        guard let earlier = left.timestamp, let later = right.timestamp else { return false }
        return earlier < later
      }
  }

  private static func reasonAgainst(_ state: StateSample, after last: StateSample) -> ParseError.Reason? {
    guard let earlier = last.timestamp, let later = state.timestamp else {
      return last.timestamp == state.timestamp ? .duplicateSample : .rule(.timestampPresenceMixed)
    }
    return earlier < later ? nil : earlier == later ? .duplicateSample : .rule(.timestampsNotIncreasing)
  }
}
