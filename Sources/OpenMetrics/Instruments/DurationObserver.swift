/// An instrument that takes durations, in seconds.
public protocol DurationObserver: Instrument {
  var clock: any MetricClock { get }

  func observe(_ value: Double)
}

extension DurationObserver {
  /// Observes how long `body` takes, in seconds, whether it returns or throws.
  public func time<Result, Failure: Error>(
    _ body: () throws(Failure) -> Result
  ) throws(Failure) -> Result {
    let start = clock.uptime()
    defer { observe((clock.uptime() - start).inSeconds) }
    return try body()
  }

  /// As the other, the time that `body` is suspended included.
  public func time<Result, Failure: Error>(
    isolation: isolated (any Actor)? = #isolation, _ body: () async throws(Failure) -> Result
  ) async throws(Failure) -> Result {
    let start = clock.uptime()
    defer { observe((clock.uptime() - start).inSeconds) }
    return try await body()
  }
}
