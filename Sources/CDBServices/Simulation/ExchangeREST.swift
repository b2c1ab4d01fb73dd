import CDBDomain
import CDBPipeline
import Foundation

/// The answers of a simulated exchange's REST interface, and of its own: `/faults`.
struct ExchangeREST {
  struct Answer {
    var status = 200
    var headers: [(String, String)] = []
    var body: [UInt8] = []
  }

  let exchange: SimulatedExchange

  /// Nil where a fault lets the client wait for ever.
  func answer(method: String, target: String, headers: (String) -> String?, body: [UInt8]) -> Answer? {
    // What a page in a browser asks for is not meant for this server.
    guard headers("Origin") == nil else { return error(403, -1, "no pages here") }
    let parts = target.split(separator: "?", maxSplits: 1)
    let query = Dictionary(
      (parts.count > 1 ? parts[1] : "").split(separator: "&").map { pair in
        let sides = pair.split(separator: "=", maxSplits: 1)
        return (String(sides[0]), sides.count > 1 ? String(sides[1]) : "")
      }, uniquingKeysWith: { $1 })
    switch (method, parts.first ?? "") {
    case ("GET", "/api/v3/time"):
      return json(#"{"serverTime":\#(ProcessClock.wall().nanoseconds / 1_000_000)}"#)
    case ("GET", "/api/v3/exchangeInfo"): return exchangeInfo()
    case ("GET", "/api/v3/depth"):
      guard let answer = depth(query) else { return nil }
      exchange.update { $0.ledger.depth["\(answer.status)", default: 0] += 1 }
      return answer
    case ("GET", "/faults"):
      guard let body = try? JSONEncoder().encode(exchange.ledger) else { return error(500, -1, "no ledger") }
      return json(String(decoding: body, as: UTF8.self))
    case ("POST", "/faults"):
      do {
        exchange.inject(try JSONDecoder().decode([Fault].self, from: Data(body)))
        return json("{}")
      } catch let unknown as UnknownFault {
        return error(400, -1, "\(unknown)")
      } catch {
        return self.error(400, -1, #"expected a list of faults, such as [{"kind":"gap","duration":5}]"#)
      }
    default: return error(404, -1, "nothing here")
    }
  }

  private func depth(_ query: [String: String]) -> Answer? {
    let faults = exchange.faults(at: .now)
    func fault(_ kind: Fault.Kind) -> Fault? { faults.first { $0.kind == kind } }
    if fault(.hang) != nil { return nil }
    for (kind, status) in [(Fault.Kind.limited, 429), (.banned, 418)] {
      guard let fault = fault(kind) else { continue }
      var answer = error(status, -1003, "Too many requests.")
      answer.headers.append(("Retry-After", "\(max(1, Int(fault.amount)))"))
      return answer
    }
    if fault(.serverError) != nil { return error(500, -1000, "An unknown error occurred.") }
    let symbols = exchange.options.instruments.instruments.map(\.symbol)
    guard let symbol = query["symbol"], let index = symbols.firstIndex(of: symbol) else {
      return error(400, -1121, "Invalid symbol.")
    }
    let limit = min(max(1, query["limit"].flatMap { Int($0) } ?? 100), 5_000)
    guard
      let body = exchange.snapshot(
        of: InstrumentID(UInt16(index)), limit: limit, isFirst: fault(.staleSnapshot) != nil)
    else { return error(503, -1, "no book yet") }
    var answer = json(String(decoding: fault(.wrongSnapshot) == nil ? body : Self.wrong(body), as: UTF8.self))
    answer.headers.append(("X-MBX-USED-WEIGHT-1M", limit > 1_000 ? "250" : limit > 500 ? "50" : "5"))
    return answer
  }

  /// A snapshot whose quantities are others: each begins with a 9.
  static func wrong(_ body: [UInt8]) -> [UInt8] {
    let text = String(decoding: body, as: UTF8.self)
    return Array(text.replacingOccurrences(of: "\",\"", with: "\",\"9").utf8)
  }

  private func exchangeInfo() -> Answer {
    let symbols = exchange.options.instruments.instruments.map {
      #"{"symbol":"\#($0.symbol)","status":"TRADING","baseAsset":"\#($0.base)","quoteAsset":"\#($0.quote)"}"#
    }
    return json(#"{"timezone":"UTC","symbols":[\#(symbols.joined(separator: ","))]}"#)
  }

  private func json(_ text: String) -> Answer {
    Answer(headers: [("Content-Type", "application/json")], body: Array(text.utf8))
  }

  private func error(_ status: Int, _ code: Int, _ message: String) -> Answer {
    struct Body: Encodable {
      var code: Int
      var msg: String
    }
    let encoder = JSONEncoder()
    encoder.outputFormatting = [.sortedKeys, .withoutEscapingSlashes]
    var answer = json("")
    answer.status = status
    answer.body = (try? encoder.encode(Body(code: code, msg: message))).map { Array($0) } ?? []
    return answer
  }
}
