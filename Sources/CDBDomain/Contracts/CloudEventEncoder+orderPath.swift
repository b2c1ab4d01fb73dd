extension CloudEventEncoder {
  func write(_ signal: Signal, _ json: inout JSONWriter) {
    let instrument = self.instrument(signal.instrument)
    json.string("signal_id", signal.id.description)
    json.string("symbol", instrument.symbol)
    json.string("side", signal.side.code)
    json.string("strategy", signal.strategy)
    json.ratio("strength", signal.strength)
    json.price("reference_price", signal.referencePrice, instrument)
    json.object("features") { json in
      // By name: a dictionary's own order differs from run to run.
      for (name, figure) in signal.features.sorted(by: { $0.key < $1.key }) {
        json.string(named: name, DecimalText.render(figure.mantissa, scale: Ratio.scale))
      }
    }
  }

  func write(_ decision: RiskDecision, _ json: inout JSONWriter) {
    json.string("decision_id", decision.id.description)
    json.string("signal_id", decision.signalID.description)
    json.string("account", decision.account)
    json.string("symbol", instrument(decision.instrument).symbol)
    json.string("side", decision.side.code)
    json.string("decision", decision.approved ? "approved" : "refused")
    json.string("reason", decision.reason.code)
    write(decision.layers, &json)
  }

  func write(_ order: Order, _ json: inout JSONWriter) {
    let instrument = self.instrument(order.instrument)
    json.string("order_id", order.id.description)
    json.string("signal_id", order.signalID.description)
    json.string("account", order.account)
    json.string("symbol", instrument.symbol)
    json.string("side", order.side.code)
    json.string("type", order.type.code)
    json.quantity("quantity", order.quantity, instrument)
    if let limitPrice = order.limitPrice { json.price("limit_price", limitPrice, instrument) }
    if let stopPrice = order.stopPrice { json.price("stop_price", stopPrice, instrument) }
    json.price("reference_price", order.referencePrice, instrument)
    write(order.layers, &json)
  }

  func write(_ request: CancelRequest, _ json: inout JSONWriter) {
    json.string("cancel_id", request.id.description)
    json.string("order_id", request.orderID.description)
    json.string("account", request.account)
    json.string("symbol", instrument(request.instrument).symbol)
    json.string("reason", request.reason.code)
  }

  func write(_ result: OrderResult, _ json: inout JSONWriter) {
    let instrument = self.instrument(result.instrument)
    json.string("result_id", result.id.description)
    json.string("order_id", result.orderID.description)
    json.string("account", result.account)
    json.string("symbol", instrument.symbol)
    json.string("side", result.side.code)
    json.string("status", result.status.code)
    json.integer("executed_time_ns", result.executedAt.nanoseconds)
    json.integer("reported_time_ns", result.reportedAt.nanoseconds)
    if let fill = result.fill {
      json.object("fill") { json in
        json.string("id", "\(result.orderID)/\(fill.number)")
        json.price("price", fill.price, instrument)
        json.quantity("quantity", fill.quantity, instrument)
        json.money("notional", fill.notional)
        json.money("fee", fill.fee)
        json.string("liquidity", fill.liquidity.code)
        json.price("bid", fill.bid, instrument)
        json.price("ask", fill.ask, instrument)
      }
    }
    json.string("reason", result.reason.code)
  }

  private func write(_ layers: [LayerVerdict], _ json: inout JSONWriter) {
    json.array("risk") { json in
      for verdict in layers {
        json.object { json in
          json.string("layer", verdict.layer.rawValue)
          json.boolean("passed", verdict.passed)
          json.ratio("figure", verdict.figure)
          json.ratio("limit", verdict.limit)
        }
      }
    }
  }
}
