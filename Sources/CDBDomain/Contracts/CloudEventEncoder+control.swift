extension CloudEventEncoder {
  func write(_ alert: Alert, _ json: inout JSONWriter) {
    json.string("alert_id", alert.id.description)
    json.string("level", alert.level.code)
    json.string("code", alert.reason.code)
    json.string("message", alert.message)
    json.object("context") { json in
      for (name, value) in alert.context.sorted(by: { $0.key < $1.key }) {
        json.string(named: name, value)
      }
    }
  }

  func write(_ control: Control, _ json: inout JSONWriter) {
    switch control {
    case .configure(let configuration):
      json.string("control", "configure")
      json.object("configuration") { write(configuration, &$0) }
    case .stop(let reason, let actor):
      json.string("control", "stop")
      json.string("reason", reason)
      if let actor { json.string("actor", actor) }
    case .resume(let justification, let actor):
      json.string("control", "resume")
      json.string("justification", justification)
      if let actor { json.string("actor", actor) }
    case .gate(let change):
      json.string("control", "gate")
      json.string("state", change.state.rawValue)
      json.string("actor", change.actor)
      json.string("reason", change.reason)
      if let process = change.process { json.string("process", process) }
    case .verdict(let verdict):
      json.string("control", "verdict")
      json.string("check", verdict.check.rawValue)
      json.string("outcome", verdict.outcome.rawValue)
      json.string("code", verdict.reason.code)
      if let layer = verdict.layer { json.string("layer", layer.rawValue) }
      json.integer("checked_at_ns", verdict.at.nanoseconds)
      json.array("evidence") { json in
        for item in verdict.evidence {
          json.object { json in
            json.string("name", item.name)
            json.string("value", item.value)
            json.string("source", item.source)
          }
        }
      }
    case .answer(let answer): write(answer, &json)
    case .incident(let event): write(event, &json)
    case .block(let event): write(event, &json)
    case .probe(let number, let instrument):
      json.string("control", "probe")
      json.string("number", "\(number)")
      json.string("symbol", self.instrument(instrument).symbol)
    }
  }

  private func write(_ answer: Answer, _ json: inout JSONWriter) {
    json.string("control", "answer")
    json.integer("since_ns", answer.since.nanoseconds)
    json.string("verdict", answer.verdict.rawValue)
    if let layer = answer.layer { json.string("layer", layer.rawValue) }
    if let reason = answer.reason { json.string("reason", reason) }
    json.string("summary", answer.summary)
    json.string("summary_de", answer.summaryDe)
    write(answer.evidence, &json)
  }

  private func write(_ evidence: [Evidence], _ json: inout JSONWriter) {
    json.array("evidence") { json in
      for item in evidence {
        json.object { json in
          json.string("name", item.name)
          json.string("value", item.value)
        }
      }
    }
  }

  private func write(_ event: IncidentEvent, _ json: inout JSONWriter) {
    json.string("control", "incident")
    json.integer("incident", Int64(clamping: event.incident))
    json.string("step", event.step.rawValue)
    json.integer("at_ns", event.at.nanoseconds)
    json.string("actor", event.actor)
    if let severity = event.severity { json.string("severity", severity.rawValue) }
    if let layer = event.layer { json.string("layer", layer.rawValue) }
    if let reason = event.reason { json.string("reason", reason) }
    if let isCauseKnown = event.isCauseKnown { json.boolean("cause_known", isCauseKnown) }
    if let holdsGate = event.holdsGate { json.boolean("holds_gate", holdsGate) }
    if let text = event.text { json.string("text", text) }
    if let textDe = event.textDe { json.string("text_de", textDe) }
    write(event.evidence, &json)
    if let file = event.file {
      json.object("file") { json in
        json.string("path", file.path)
        json.string("sha256", file.sha256)
      }
    }
  }

  private func write(_ configuration: PipelineConfiguration, _ json: inout JSONWriter) {
    json.string("profile", configuration.profile)
    json.array("instruments") { json in
      for instrument in configuration.instruments.instruments {
        json.object { write(instrument, &$0) }
      }
    }
    json.object("feed") { json in
      json.ratio("maximum_price_change", configuration.feed.maximumPriceChange)
      json.integer("maximum_frame_bytes", Int64(configuration.feed.maximumFrameBytes))
    }
    json.object("momentum") { json in
      json.integer("window_ns", configuration.momentum.window)
      json.integer("sample_interval_ns", configuration.momentum.sampleInterval)
      json.ratio("threshold", configuration.momentum.threshold)
      json.integer("cooldown_ns", configuration.momentum.cooldown)
    }
    json.array("strategies") { json in
      for strategy in configuration.strategies { json.string(nil, strategy.rawValue) }
    }
    json.object("ema_cross") { json in
      json.integer("fast", Int64(configuration.emaCross.fast))
      json.integer("slow", Int64(configuration.emaCross.slow))
      json.integer("sample_interval_ns", configuration.emaCross.sampleInterval)
      json.ratio("threshold", configuration.emaCross.threshold)
      json.integer("cooldown_ns", configuration.emaCross.cooldown)
    }
    json.object("account") { json in
      json.string("name", configuration.account.name)
      json.money("starting_cash", configuration.account.startingCash)
    }
    json.object("risk") { write(configuration.risk, &$0) }
    json.object("orders") { json in
      json.string("style", configuration.orders.style.rawValue)
      json.integer("patience_ns", configuration.orders.patience)
    }
    json.object("exchange") { write(configuration.exchange, &$0) }
    json.object("gate") { $0.boolean("enforced", configuration.gate.enforced) }
    json.integer("summary_interval_ns", configuration.summaryInterval)
  }

  private func write(_ limits: RiskLimits, _ json: inout JSONWriter) {
    json.money("order_notional", limits.orderNotional)
    json.ratio("maximum_exposure", limits.maximumExposure)
    json.ratio("maximum_position", limits.maximumPosition)
    json.ratio("maximum_daily_drawdown", limits.maximumDailyDrawdown)
    json.ratio("maximum_drawdown", limits.maximumDrawdown)
    json.ratio("maximum_spread", limits.maximumSpread)
    json.ratio("maximum_slippage", limits.maximumSlippage)
    json.integer("slippage_window_ns", limits.slippageWindow)
    json.integer("maximum_data_age_ns", limits.maximumDataAge)
    json.integer("maximum_order_rate", limits.maximumOrderRate)
    json.integer("order_rate_window_ns", limits.orderRateWindow)
    json.ratio("stop_loss", limits.stopLoss)
    json.ratio("hysteresis", limits.hysteresis)
    json.integer("self_test_interval_ns", limits.selfTestInterval)
  }

  private func write(_ exchange: PaperExchangeRules, _ json: inout JSONWriter) {
    // The ends of the distributions were all that there was once, and readers know them by these names.
    let (span, overflow) = exchange.orderLatency.maximum.subtractingReportingOverflow(
      exchange.orderLatency.minimum)
    json.integer("order_latency_ns", exchange.orderLatency.minimum)
    json.integer("order_latency_jitter_ns", overflow ? .max : span)
    json.integer("report_latency_ns", exchange.reportLatency.minimum)
    json.object("order_latency") { write(exchange.orderLatency, &$0) }
    json.object("cancel_latency") { write(exchange.cancelLatency, &$0) }
    json.object("report_latency") { write(exchange.reportLatency, &$0) }
    json.ratio("taker_fee", exchange.takerFee)
    json.ratio("maker_fee", exchange.makerFee)
    json.ratio("maximum_slippage", exchange.maximumSlippage)
  }

  private func write(_ latency: LatencyDistribution, _ json: inout JSONWriter) {
    json.integer("minimum_ns", latency.minimum)
    json.integer("median_ns", latency.median)
    json.integer("percentile99_ns", latency.percentile99)
    json.integer("maximum_ns", latency.maximum)
  }

  private func write(_ instrument: Instrument, _ json: inout JSONWriter) {
    json.string("symbol", instrument.symbol)
    json.string("base", instrument.base)
    json.string("quote", instrument.quote)
    json.integer("price_scale", Int64(instrument.priceScale))
    json.integer("quantity_scale", Int64(instrument.quantityScale))
    json.price("tick_size", instrument.tickSize, instrument)
    json.quantity("lot_size", instrument.lotSize, instrument)
    json.money("minimum_notional", instrument.minimumNotional)
  }
}
