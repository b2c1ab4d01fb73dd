import OpenMetrics

extension OpenMetricsFactory {
  /// How the factory names and shapes what swift-metrics asks for.
  public struct Configuration: Sendable {
    /// What swift-metrics has no words for, for one label.
    public struct Override: Sendable {
      /// `nil` for a sentence that names the kind and the label.
      public var help: String?
      /// Upper bounds of a recorder's or timer's histogram, a timer's in seconds; `nil` for the default ones.
      public var buckets: [Double]?
      /// Native buckets beside those; `nil` for what ``Configuration/nativeBucketing`` says.
      public var nativeBucketing: NativeBucketing?

      public init(
        help: String? = nil, buckets: [Double]? = nil, nativeBucketing: NativeBucketing? = nil
      ) {
        self.help = help
        self.buckets = buckets
        self.nativeBucketing = nativeBucketing
      }
    }

    public var names: NameRule
    /// In seconds, finite and ascending.
    public var timerBuckets: [Double]
    /// In the recorder's own unit, finite and ascending.
    public var recorderBuckets: [Double]
    /// When set, recorders and timers have native buckets too, for readers that know them. Where their list of bounds is
    /// empty then, they have nothing else.
    public var nativeBucketing: NativeBucketing?
    /// Whether timers are called `…_seconds` and declare that unit. A label that ends in another unit of time, such as
    /// `_ms`, loses that one.
    public var addsTimerUnit: Bool
    /// By swift-metrics' label, exactly as the code that makes the metric writes it.
    public var overrides: [String: Override]

    public static let defaultRecorderBuckets: [Double] = [
      1, 2.5, 5, 10, 25, 50, 100, 250, 500, 1000, 2500, 5000, 10000,
    ]

    public init(
      names: NameRule = .underscores, timerBuckets: [Double] = MetricDescriptor.defaultBuckets,
      recorderBuckets: [Double] = Configuration.defaultRecorderBuckets,
      nativeBucketing: NativeBucketing? = nil, addsTimerUnit: Bool = true,
      overrides: [String: Override] = [:]
    ) {
      self.names = names
      self.timerBuckets = timerBuckets
      self.recorderBuckets = recorderBuckets
      self.nativeBucketing = nativeBucketing
      self.addsTimerUnit = addsTimerUnit
      self.overrides = overrides
    }

    func familyName(of kind: InstrumentKind, _ label: String) -> String {
      kind.familyName(names.metricName(label), addsUnit: addsTimerUnit)
    }

    func nativeBucketing(_ label: String) -> NativeBucketing? {
      overrides[label]?.nativeBucketing ?? nativeBucketing
    }

    func descriptor(
      of kind: InstrumentKind, _ label: String, name: String, labels: [String]
    ) -> MetricDescriptor {
      let special = overrides[label]
      let buckets: [Double] =
        switch kind {
        case .counter, .gauge: []
        case .recorder: special?.buckets ?? recorderBuckets
        case .timer: special?.buckets ?? timerBuckets
        }
      return MetricDescriptor(
        name, type: kind.type, help: special?.help ?? "The \(kind.rawValue) \(label) of swift-metrics.",
        unit: kind == .timer && addsTimerUnit ? "seconds" : "", labels: labels, buckets: buckets)
    }
  }
}
