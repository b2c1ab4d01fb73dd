import OpenMetrics

extension ReceivedRequest {
  /// What was taken, in the end: by at least one route.
  struct Written: Sendable, Equatable {
    var samples = 0
    var histograms = 0
    var exemplars = 0
  }

  /// What goes to each route, as a scrape's fragments do: none has a series twice. A series' samples are in the order of their times.
  ///
  /// Those of a sender have times of its own, so none of them is joined with others.
  func fragments(_ routes: [SampleRoute]) -> (fragments: [[Fragment]], written: Written, relabelled: Int) {
    let order = layers
    var taken = [Bool](repeating: false, count: items.count)
    var isKept = [Bool](repeating: false, count: series.count)
    var hasExemplars = isKept
    let fragments = routes.map { route in
      let encoded = series.map { route.labels(of: $0.labels).map(WireWriter.encode) }
      for index in series.indices where encoded[index] != nil {
        isKept[index] = true
        if route.sendsExemplars { hasExemplars[index] = true }
      }
      return self.fragments(route, encoded, order, &taken)
    }
    var written = Written()
    var relabelled = 0
    for (index, item) in items.enumerated() {
      if !taken[index] {
        if !isKept[Int(item.series)] { relabelled += 1 }
      } else if item.histogram >= 0 {
        written.histograms += 1
      } else {
        written.samples += 1
      }
    }
    written.exemplars = series.indices.reduce(0) { $0 + (hasExemplars[$1] ? series[$1].exemplars.count : 0) }
    return (fragments, written, relabelled)
  }

  /// The items by how many of their series come before them: the first one of every series, then the second one, and so on.
  private var layers: [Int32] {
    var starts = [Int](repeating: 0, count: Int(items.map(\.position).max() ?? -1) + 2)
    for item in items { starts[Int(item.position) + 1] += 1 }
    for layer in starts.indices.dropFirst() { starts[layer] += starts[layer - 1] }
    var order = [Int32](repeating: 0, count: items.count)
    for (index, item) in items.enumerated() {
      order[starts[Int(item.position)]] = Int32(index)
      starts[Int(item.position)] += 1
    }
    return order
  }

  private func fragments(
    _ route: SampleRoute, _ encoded: [[UInt8]?], _ order: [Int32], _ taken: inout [Bool]
  ) -> [Fragment] {
    var builder = FragmentBuilder(
      samplesPerFragment: route.samplesPerFragment, isAlone: true, keepsBare: true)
    let sendsMetadata = route.metadataInterval != nil
    let messages = sendsMetadata ? families.map(\.message) : []
    var isSaid = [Bool](repeating: false, count: messages.count)
    // Once, with the first series of the family.
    func say(_ number: Int32) {
      guard sendsMetadata, number >= 0, !isSaid[Int(number)] else { return }
      builder.append(metadata: messages[Int(number)], family: Int(number), time: 0)
      isSaid[Int(number)] = true
    }
    var position: Int32 = 0
    for index in order {
      let item = items[Int(index)]
      if item.position != position {
        builder.cut()
        position = item.position
      }
      let series = series[Int(item.series)]
      guard let labels = encoded[Int(item.series)] else { continue }
      // Exemplars come with the last sample of their series: before it is there, some receivers do not know it.
      let exemplars =
        route.sendsExemplars && item.position == series.count - 1
        ? Self.messages(series.exemplars, at: item.time) : []
      if item.histogram < 0, exemplars.isEmpty {
        say(series.family)
        labels.withUnsafeBytes { builder.append(labels: $0, bits: item.bits, time: item.time) }
      } else {
        let histogram = item.histogram < 0 ? nil : histograms[Int(item.histogram)]
        let sample = ScrapedSample(bits: item.bits, histogram: histogram, exemplars: exemplars)
        guard let fields = sample.fields(for: route, time: item.time) else { continue }
        say(series.family)
        builder.append(labels: labels, fields: fields, time: item.time)
      }
      taken[Int(index)] = true
    }
    builder.cut()
    for (index, series) in series.enumerated() where series.count == 0 && !series.exemplars.isEmpty {
      guard route.sendsExemplars, let labels = encoded[index] else { continue }
      var fields: [UInt8] = []
      for message in Self.messages(series.exemplars, at: 0) {
        WireWriter.append(field: 3, message, to: &fields)
      }
      builder.append(labels: labels, fields: fields, time: 0, samples: 0)
    }
    for number in messages.indices { say(Int32(number)) }
    return builder.finish()
  }

  private static func messages(_ exemplars: [ScrapedExemplar], at time: Int64) -> [[UInt8]] {
    guard !exemplars.isEmpty else { return [] }
    let order = exemplars.indices.sorted {
      (exemplars[$0].time ?? time, $0) < (exemplars[$1].time ?? time, $1)
    }
    return order.map { exemplars[$0].message(at: time) }
  }
}
