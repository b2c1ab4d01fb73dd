import OpenMetrics

/// What it costs to register a family, and whether it costs more where there are many.
func benchmarkDeclarations() {
  var times: [Int: [Double]] = [:]
  for _ in 0..<5 {
    for count in [1000, 8000] {
      let registry = MetricRegistry()
      let declarations = (0..<count).map { MetricDescriptor("c\($0)", type: .counter, help: "") }
      let time = elapsed { for declaration in declarations { _ = try? registry.counter(declaration) } }
      times[count, default: []].append(time)
    }
  }
  for (count, all) in times.sorted(by: { $0.key < $1.key }) {
    report("\(count) families, registering one", (all.min() ?? 0) / Double(count), "ns")
  }
  let growth = medianRatio(times[8000] ?? [], times[1000] ?? [])
  report("registering 8000 families to 1000", growth, "times", goal: "goal: at most 12")
}
