import OpenMetrics

/// What families of very many children cost. One large and ten small ones, as many children in all, take turns, and of
/// each the best run counts.
///
/// No family is given up before the end: a program makes its series in fresh memory, not in what a hundred thousand
/// others have left in pieces.
func benchmarkFamilies() {
  var best: [Int: FamilyCosts] = [:]
  var times: [Int: [Double]] = [:]
  var registries: [MetricRegistry] = []
  defer { registries = [] }
  for _ in 0..<9 {
    for (count, families) in [(10_000, 10), (100_000, 1)] {
      var total = 0.0
      for _ in 0..<families {
        let registry = MetricRegistry(maximumChildren: count)
        registries.append(registry)
        guard let costs = FamilyCosts(of: count, in: registry) else { return }
        total += costs.registering * Double(count)
        best[count] = best[count].map { $0.best(with: costs) } ?? costs
      }
      times[count, default: []].append(total / Double(families))
    }
  }
  for (count, costs) in best.sorted(by: { $0.key < $1.key }) { costs.report(count) }
  let growth = medianRatio(times[100_000] ?? [], times[10_000] ?? [])
  report("making 100000 label sets to 10000", growth, "times", goal: "goal: at most 12")
}

/// Of one family: all times in nanoseconds a child.
private struct FamilyCosts {
  var registering: Double
  var firstSnapshot: Double
  var snapshot: Double
  var writing: Double
  /// Bytes of a child beside its labels, and those of its labels.
  let memory: Double
  let labels: Double
  /// Blocks that one snapshot and its text ask for.
  let allocations: Double

  init?(of count: Int, in registry: MetricRegistry) {
    guard let family = try? registry.counter(.init("c", type: .counter, help: "", labels: ["path"])) else {
      return nil
    }
    let names = (0..<count).map { "/item/\($0)" }
    let before = allocatedBytes()
    registering = elapsed { for name in names { try? family.labels(name).increment() } } / Double(count)
    firstSnapshot = elapsed { _ = registry.snapshot() } / Double(count)
    let all = Double(allocatedBytes() - before) / Double(count)
    labels = bytesOfLabels(names)
    memory = all - labels
    snapshot = nanoseconds(1, runs: 10) { _ in _ = registry.snapshot() } / Double(count)
    let write = { _ = Exposition.write(registry.snapshot(), as: .openMetrics1) }
    writing = nanoseconds(1, runs: 20) { _ in write() } / Double(count)
    allocations = OpenMetricsBenchmark.allocations(write)
  }

  func best(with other: FamilyCosts) -> FamilyCosts {
    var best = self
    best.registering = min(registering, other.registering)
    best.firstSnapshot = min(firstSnapshot, other.firstSnapshot)
    best.snapshot = min(snapshot, other.snapshot)
    best.writing = min(writing, other.writing)
    return best
  }

  func report(_ count: Int) {
    let each = "\(count) label sets, "
    OpenMetricsBenchmark.report(each + "making one", registering, "ns", goal: "goal: at most 2000 ns")
    OpenMetricsBenchmark.report(each + "first snapshot, each", firstSnapshot, "ns")
    OpenMetricsBenchmark.report(each + "snapshot, each", snapshot, "ns")
    OpenMetricsBenchmark.report(each + "snapshot and text, each", writing, "ns", goal: "goal: at most 60 ns")
    OpenMetricsBenchmark.report(each + "allocations of it all", allocations, "", goal: "goal: none a sample")
    OpenMetricsBenchmark.report(each + "memory beside labels", memory, "bytes", goal: "goal: at most 200")
    OpenMetricsBenchmark.report(each + "memory of its labels", labels, "bytes")
  }
}

/// Bytes that the label set alone of one of these names takes.
private func bytesOfLabels(_ names: [String]) -> Double {
  let before = allocatedBytes()
  let sets = names.map { LabelSet([("path", $0)]) }
  let bytes = Double(allocatedBytes() - before) / Double(names.count)
  return sets.count == names.count ? bytes - Double(MemoryLayout<LabelSet>.stride) : .nan
}
