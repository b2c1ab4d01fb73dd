extension CloudEventEncoder {
  func write(_ event: BlockEvent, _ json: inout JSONWriter) {
    json.string("control", "block")
    json.integer("number", Int64(event.block))
    json.string("event", event.change.name)
    json.integer("at_ns", event.at.nanoseconds)
    json.string("actor", event.actor)
    switch event.change {
    case .started(let plan, let figures):
      json.integer("duration_ns", plan.duration)
      json.array("checkpoints_ns") { json in for time in plan.checkpoints { json.integer(nil, time) } }
      write(figures, &json)
    case .checkpoint(let checkpoint):
      json.integer("checkpoint", Int64(checkpoint.number))
      json.integer("due_ns", checkpoint.due.nanoseconds)
      json.integer("late_ns", checkpoint.late)
      write(checkpoint.figures, &json)
    case .finished(let end):
      if let reason = end.reason { json.string("reason", reason) }
      json.integer("early_ns", end.early)
      json.integer("late_ns", end.late)
      write(end.figures, &json)
    case .learned(let lessons):
      json.array("lessons") { json in for text in lessons.lessons { json.string(nil, text) } }
      json.array("todos") { json in for text in lessons.todos { json.string(nil, text) } }
    case .reported(let seal):
      json.string("judgement", seal.judgement.rawValue)
      json.array("files") { json in
        for (name, digest) in seal.files.sorted(by: { $0.key < $1.key }) {
          json.object { json in
            json.string("name", name)
            json.string("sha256", digest)
          }
        }
      }
    }
  }

  private func write(_ figures: BlockFigures, _ json: inout JSONWriter) {
    json.object("figures") { json in
      json.integer("barrier", figures.barrier)
      json.array("imbalances") { json in for place in figures.imbalances { json.string(nil, place) } }
      if let gate = figures.gate { json.string("gate_state", gate.rawValue) }
      if let books = figures.books { json.object("books") { write(books, &$0) } }
      json.array("stages") { json in
        for stage in figures.stages {
          json.object { json in
            json.string("stage", stage.stage.rawValue)
            json.integer("received", stage.received)
            json.integer("emitted", stage.emitted)
            json.integer("absorbed", stage.absorbed)
            json.integer("dropped", stage.dropped)
          }
        }
      }
    }
  }

  private func write(_ books: BlockFigures.Books, _ json: inout JSONWriter) {
    json.string("account", books.account)
    json.integer("fills", Int64(books.fills))
    json.money("starting_cash", books.startingCash)
    json.money("cash", books.cash)
    json.money("fees", books.fees)
    json.money("equity", books.equity)
    json.array("positions") { json in
      for position in books.positions {
        json.object { json in
          json.string("symbol", position.symbol)
          json.decimal("quantity", position.quantity.mantissa, scale: quantityScale(of: position.symbol))
        }
      }
    }
  }

  /// Digits after the point of an instrument's quantities; none for a symbol that is not in the catalogue.
  private func quantityScale(of symbol: String) -> Int {
    instruments.id(of: symbol).map { instruments[$0].quantityScale } ?? 0
  }
}
