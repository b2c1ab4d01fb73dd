// Direct use of a family without labels. On a family with labels such an update has nowhere to go: it is ignored and
// counted in `RegistryStatistics.rejectedUpdates`.

extension InstrumentFamily where Child == Counter {
  @inlinable
  public func increment() { withUnlabelled { $0.increment() } }

  @inlinable
  public func increment(by amount: UInt64) { withUnlabelled { $0.increment(by: amount) } }

  public func increment(by amount: UInt64 = 1, exemplar: Exemplar?) {
    withUnlabelled { $0.increment(by: amount, exemplar: exemplar) }
  }

  public func increment(by amount: Int, exemplar: Exemplar? = nil) {
    withUnlabelled { $0.increment(by: amount, exemplar: exemplar) }
  }

  public func increment(by amount: Double, exemplar: Exemplar? = nil) {
    withUnlabelled { $0.increment(by: amount, exemplar: exemplar) }
  }
}

extension InstrumentFamily where Child == Gauge {
  public func set(_ value: Double) { withUnlabelled { $0.set(value) } }
  public func increment(by amount: Double = 1) { withUnlabelled { $0.increment(by: amount) } }
  public func decrement(by amount: Double = 1) { withUnlabelled { $0.decrement(by: amount) } }
  public func setToCurrentTime() { withUnlabelled { $0.setToCurrentTime() } }
}

extension InstrumentFamily where Child == Histogram {
  public func observe(_ value: Double) { withUnlabelled { $0.observe(value) } }

  public func observe(_ value: Double, count: UInt64 = 1, exemplar: Exemplar? = nil) {
    withUnlabelled { $0.observe(value, count: count, exemplar: exemplar) }
  }
}

extension InstrumentFamily where Child == SparseHistogram {
  public func observe(_ value: Double, count: UInt64 = 1, exemplar: Exemplar? = nil) {
    withUnlabelled { $0.observe(value, count: count, exemplar: exemplar) }
  }
}

extension InstrumentFamily where Child == Summary {
  public func observe(_ value: Double) { withUnlabelled { $0.observe(value) } }
}

extension InstrumentFamily where Child == IntegerGauge {
  public func set(_ value: Int64) { withUnlabelled { $0.set(value) } }
  public func increment(by amount: Int64 = 1) { withUnlabelled { $0.increment(by: amount) } }
  public func decrement(by amount: Int64 = 1) { withUnlabelled { $0.decrement(by: amount) } }
}

extension InstrumentFamily where Child == UnknownMetric {
  public func set(_ value: Double) { withUnlabelled { $0.set(value) } }
}

extension InstrumentFamily where Child == StateSet {
  public func set(_ state: String, to isEnabled: Bool) { withUnlabelled { $0.set(state, to: isEnabled) } }
  public func set(only state: String) { withUnlabelled { $0.set(only: state) } }
}

extension InstrumentFamily {
  @inlinable
  func withUnlabelled(_ update: (Child) -> Void) {
    guard let borrowed else { return rejectUpdate() }
    withExtendedLifetime(self) { borrowed._withUnsafeGuaranteedRef(update) }
  }

  @usableFromInline
  func rejectUpdate() { context.statistics.rejectUpdate() }
}
