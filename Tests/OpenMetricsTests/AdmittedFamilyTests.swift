import Testing

@testable import OpenMetrics

@Suite("What a collector returns and a registry admits is valid in every format")
struct AdmittedFamilyTests {
  @Test(
    "every format and scheme: what is admitted of arbitrary families is read strictly, and written again the same",
    arguments: UInt64(0)..<(Soak.isOn ? 40 : 16))
  func arbitrary(seed: UInt64) throws {
    var generator = ArbitraryFamilies(seed: seed)
    var admitted = 0
    for _ in 0..<40 {
      let registry = MetricRegistry()
      for _ in 0..<3 {
        let family = generator.next()
        // Of its own states a collector's family may have others.
        let descriptor = MetricDescriptor(
          family.name, type: family.type, help: "", states: family.type == .stateset ? ["a"] : [])
        try? registry.register(StubCollector(descriptors: [descriptor], families: [family]))
      }
      let families = registry.snapshot()
      admitted += families.count
      for format in ExpositionFormat.allCases {
        for escaping in EscapingScheme.allCases { expectStrict(families, format, escaping) }
      }
    }
    #expect(admitted > 30)
  }

  @Test(
    "every format and scheme: what is declared of arbitrary names is read strictly, and written again the same",
    arguments: UInt64(0)..<(Soak.isOn ? 20 : 8))
  func declared(seed: UInt64) throws {
    var generator = ArbitraryFamilies(seed: seed)
    var admitted = 0
    for _ in 0..<40 {
      let registry = MetricRegistry()
      for _ in 0..<4 {
        let (descriptor, values) = generator.nextDeclaration()
        if (try? Self.use(descriptor, values, in: registry)) != nil { admitted += 1 }
      }
      let families = registry.snapshot()
      for format in ExpositionFormat.allCases {
        for escaping in EscapingScheme.allCases { expectStrict(families, format, escaping) }
      }
    }
    #expect(admitted > 10)
  }

  private static func use(
    _ descriptor: MetricDescriptor, _ values: [String], in registry: MetricRegistry
  ) throws {
    switch descriptor.type {
    case .counter: try registry.counter(descriptor).labels(values).increment()
    case .gauge: try registry.gauge(descriptor).labels(values).set(1)
    case .histogram: try registry.histogram(descriptor).labels(values).observe(1)
    case .gaugehistogram: try registry.gaugeHistogram(descriptor).labels(values).add(1)
    case .summary: try registry.summary(descriptor).labels(values).observe(1)
    case .unknown: try registry.unknown(descriptor).labels(values).set(1)
    case .info: try registry.info(descriptor).set(Array(zip(descriptor.labels, values)))
    case .stateset: try registry.stateSet(descriptor).labels(values).set(only: descriptor.states[0])
    }
  }

  private func expectStrict(
    _ families: [MetricFamily], _ format: ExpositionFormat, _ escaping: EscapingScheme
  ) {
    let bytes = Exposition.write(
      families, as: format, options: .init(includesCreated: true, escaping: escaping))
    do {
      let read = try ExpositionParser.asAsked(format, escaping).parse(bytes).families
      // Names are what they were escaped to now, and stay so.
      let again = Exposition.write(
        read, as: format, options: .init(includesCreated: true, escaping: .allowUTF8))
      guard again != bytes else { return }
      Issue.record("\(format), \(escaping): \(Self.text(bytes)) becomes \(Self.text(again))")
    } catch {
      let text = format == .protobuf ? "\(families)" : Self.text(bytes)
      Issue.record("\(format), \(escaping): \(error)\n\(text)")
    }
  }

  private static func text(_ bytes: [UInt8]) -> String {
    String(decoding: bytes, as: UTF8.self).debugDescription
  }
}
