import OpenMetrics

struct HTTPLabels: MetricLabels {
  enum Method: String, MetricLabelValue { case get = "GET", post = "POST" }
  var method: Method
  var status: Int

  static var fields: [LabelField<Self>] {
    [LabelField("method", \.method), LabelField("status", \.status)]
  }
}

struct RouteLabels: MetricLabels {
  var route: String
  static var fields: [LabelField<Self>] { [LabelField("route", \.route)] }
}

func benchmarkLookups() {
  let word = Word()
  let bare = nanoseconds { for _ in 0..<$0 { word.lockedAdd() } }
  let registry = MetricRegistry()
  guard let typed = try? registry.counter("t", labels: HTTPLabels.self, help: ""),
    let routes = try? registry.counter("r", labels: RouteLabels.self, help: ""),
    let dynamic = try? registry.counter(.init("d", type: .counter, help: "", labels: ["method", "status"]))
  else { return }
  let all = (0..<8).map { HTTPLabels(method: $0 % 2 == 0 ? .get : .post, status: 200 + $0) }
  for labels in all { typed[labels].increment() }
  let plain = nanoseconds { for round in 0..<$0 { _ = typed[all[round & 7]] } }
  report("typed look-up", plain, "ns", ratio: plain / bare, goal: "goal: at most 30 ns")
  let allocated = allocations { for round in 0..<1_000_000 { _ = typed[all[round & 7]] } }
  report("typed look-up, allocations of 1000000", allocated, "", goal: "goal: 0")
  let lookup = nanoseconds { for round in 0..<$0 { typed[all[round & 7]].increment() } }
  report("typed look-up and increment", lookup, "ns", ratio: lookup / bare)
  let route = RouteLabels(route: "/api/v1/orders/{id}")
  let text = nanoseconds { for _ in 0..<$0 { routes[route].increment() } }
  report("typed look-up of a text and increment", text, "ns", ratio: text / bare)
  let values = nanoseconds { for _ in 0..<$0 { try? dynamic.labels("GET", "200").increment() } }
  report("look-up by values and increment", values, "ns", ratio: values / bare)
}
