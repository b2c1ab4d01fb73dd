import Testing

@testable import OpenMetrics

@Suite("The sketch behind quantiles")
struct QuantileSketchTests {
  /// Orders of values, some of them made to hurt.
  enum Order: CaseIterable {
    case rising, falling, closingIn, closingInFromAbove, spreading, blocks, shrinking, belowOneThatRises
    case aboveOneThatFalls, equal, random

    func value(_ index: Int, _ generator: inout SeededGenerator) -> Double {
      let step = Double(index)
      let side: Double = index.isMultiple(of: 2) ? 1 : -1
      switch self {
      case .rising: return step
      case .falling: return -step
      case .closingIn: return side / (step + 1)
      case .closingInFromAbove: return 1 / (step + 1)
      case .spreading: return side * step
      case .blocks: return Double((index / 1000) % 7) * 1e6 - step
      case .shrinking: return Double.random(in: -0.3...0.7, using: &generator) / Double(index / 5000 + 1)
      case .belowOneThatRises: return index % 100 < 99 ? -1 / (step + 1) : step
      case .aboveOneThatFalls: return index % 100 < 1 ? -step : 1 / (step + 1)
      case .equal: return 7
      case .random: return Double.random(in: 0...1, using: &generator)
      }
    }
  }

  static let objectives: [[SummaryObjective]] = [
    SummaryOptions().objectives,
    [SummaryObjective(0.01, error: 0.001)],
    [SummaryObjective(0.05, error: 0.005), SummaryObjective(0.5, error: 0.05)],
    [SummaryObjective(0, error: 0.01), SummaryObjective(1, error: 0.01)],
  ]

  /// How far the answer's rank is from the wanted one, as a part of all values.
  static func error(of answer: Double, at quantile: Double, in sorted: [Double]) -> Double {
    let wanted = quantile * Double(sorted.count)
    let first = Double(sorted.firstIndex { $0 >= answer } ?? sorted.count)
    let last = Double(sorted.firstIndex { $0 > answer } ?? sorted.count)
    return max(0, first - wanted, wanted - last) / Double(sorted.count)
  }

  @Test(
    "in whatever order: no more memory than its bound, no more error than allowed for that",
    arguments: Order.allCases,
    objectives)
  func bounds(order: Order, objectives: [SummaryObjective]) {
    var generator = SeededGenerator(seed: 11)
    var sketch = QuantileSketch(objectives)
    var values: [Double] = []
    var samples = 0
    for index in 0..<60_000 {
      values.append(order.value(index, &generator))
      sketch.insert(values[index])
      samples = max(samples, sketch.targeted.samples.count)
    }
    #expect(samples <= sketch.maximumSamples + sketch.maximumSamples / 4)
    // A buffer for each time that the number doubles: 512 · 2^7 are more than all values.
    #expect((sketch.later?.levelCount ?? 0) <= 7)
    values.sort()
    let extra = sketch.later.map { Double($0.levelCount + 2) / Double(sketch.maximumSamples) } ?? 0
    for objective in objectives {
      let answer = sketch.query(objective.quantile) ?? .nan
      let error = Self.error(of: answer, at: objective.quantile, in: values)
      #expect(error <= objective.error + extra + 1 / Double(values.count), "\(objective.quantile): \(answer)")
    }
  }

  @Test("values that close in on one do fill it, and those that fall do not")
  func overflow() {
    var generator = SeededGenerator(seed: 1)
    var closing = QuantileSketch(SummaryOptions().objectives)
    var falling = closing
    for index in 0..<100_000 {
      closing.insert(Order.closingIn.value(index, &generator))
      falling.insert(Order.falling.value(index, &generator))
    }
    #expect(closing.later != nil)
    #expect(falling.later == nil)
    #expect(falling.targeted.samples.count < 600)
    closing.removeAll()
    #expect(closing.query(0.5) == nil)
    closing.insert(3)
    #expect(closing.query(0.5) == 3)
    #expect(closing.later == nil)
  }

  @Test("a stricter objective may keep more, up to a bound that no objective moves")
  func maximum() {
    #expect(QuantileSketch([]).maximumSamples == 2048)
    #expect(QuantileSketch(SummaryOptions().objectives).maximumSamples == 2048)
    #expect(QuantileSketch([SummaryObjective(0.5, error: 1e-4)]).maximumSamples == 20_000)
    #expect(QuantileSketch([SummaryObjective(0.5, error: .leastNonzeroMagnitude)]).maximumSamples == 65_536)
  }

  @Test("buffers that collapse keep ranks within their bound at every quantile", arguments: Order.allCases)
  func collapsing(order: Order) {
    var generator = SeededGenerator(seed: 5)
    let size = 32
    var buffers = CollapsingBuffers(size: size)
    var values: [Double] = []
    for batch in 0..<100 {
      let new = (0..<size).map { order.value(batch * size + $0, &generator) }
      values += new
      buffers.insert(sorted: new.sorted())
    }
    values.sort()
    #expect(buffers.count == Double(values.count))
    #expect(buffers.levelCount == 7)
    let steps = buffers.rankSteps.sorted { $0.value < $1.value }
    let bound = Double(6 + 2) / Double(4 * size)
    for percent in 0...100 {
      let quantile = Double(percent) / 100
      var reached = 0.0
      let answer = steps.first { step in
        reached += step.rise
        return reached >= quantile * Double(values.count)
      }
      let error = Self.error(of: answer?.value ?? .nan, at: quantile, in: values)
      #expect(error <= bound, "\(quantile)")
    }
  }
}
