import OpenMetrics

func benchmarkFamilies() {
  var perSeries: [Int: Double] = [:]
  for count in [10_000, 100_000] {
    let registry = MetricRegistry(maximumChildren: count)
    guard let family = try? registry.counter(.init("c", type: .counter, help: "", labels: ["path"])) else {
      return
    }
    let names = (0..<count).map { "/item/\($0)" }
    let before = allocatedBytes()
    let time = elapsed {
      for name in names { try? family.labels(name).increment() }
    }
    perSeries[count] = time
    report(
      "\(count) label sets, each", time / Double(count), "ns", goal: "goal: at most 2000 ns")
    let first = elapsed { _ = registry.snapshot() }
    report("snapshot after them, each", first / Double(count), "ns")
    let bytes = Double(allocatedBytes() - before) / Double(count)
    let labels = bytesOfLabels(names)
    report("memory of a series beside its labels", bytes - labels, "bytes", goal: "goal: at most 200")
    report("memory of its labels", labels, "bytes")
    let again = nanoseconds(1, runs: 30) { _ in _ = registry.snapshot() }
    report("snapshot again, each", again / Double(count), "ns")
    let written = nanoseconds(1, runs: 30) { _ in _ = Exposition.write(registry.snapshot(), as: .openMetrics1)
    }
    report(
      "snapshot and OpenMetrics text, a sample", written / Double(count), "ns", goal: "goal: at most 60 ns")
  }
  if let few = perSeries[10_000], let many = perSeries[100_000] {
    report("100000 label sets to 10000", many / few, "times", goal: "goal: at most 12")
  }
}

/// Bytes that the label set alone of one of these names takes.
private func bytesOfLabels(_ names: [String]) -> Double {
  let before = allocatedBytes()
  let sets = names.map { LabelSet([("path", $0)]) }
  let bytes = Double(allocatedBytes() - before) / Double(names.count)
  return sets.count == names.count ? bytes - Double(MemoryLayout<LabelSet>.stride) : .nan
}
