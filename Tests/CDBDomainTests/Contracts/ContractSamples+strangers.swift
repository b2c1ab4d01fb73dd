@testable import CDBDomain

extension ContractSamples {
  /// Events about an instrument that the catalogue does not have.
  static let strangers: [Sample] = examples.compactMap { example in
    var sample = example
    sample.name = "unknown \(example.name)"
    sample.isExample = false
    switch example.envelope.event {
    case .trade(var trade):
      trade.instrument = nowhere
      sample.envelope.event = .trade(trade)
    case .quote(var quote):
      quote.instrument = nowhere
      sample.envelope.event = .quote(quote)
    case .book(var update):
      update.instrument = nowhere
      sample.envelope.event = .book(update)
    case .kline(var kline):
      kline.instrument = nowhere
      sample.envelope.event = .kline(kline)
    case .summary(var summary):
      summary.instrument = nowhere
      sample.envelope.event = .summary(summary)
    case .signal(var signal):
      signal.instrument = nowhere
      sample.envelope.event = .signal(signal)
    case .decision(var decision):
      decision.instrument = nowhere
      sample.envelope.event = .decision(decision)
    case .order(var order):
      order.instrument = nowhere
      sample.envelope.event = .order(order)
    case .result(var result):
      result.instrument = nowhere
      sample.envelope.event = .result(result)
    case .cancel(var request):
      request.instrument = nowhere
      sample.envelope.event = .cancel(request)
    case .tick, .alert, .control: return nil
    }
    return sample
  }
}
