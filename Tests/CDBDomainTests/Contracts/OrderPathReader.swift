import Foundation
import Testing

@testable import CDBDomain

/// Reads order path events back from their CloudEvents, as another system would: by name, and decimals as
/// text.
struct OrderPathReader {
  struct Fields: Decodable {
    struct Layer: Decodable {
      var layer: RiskLayerName
      var passed: Bool
      var figure: String
      var limit: String
    }
    struct Fill: Decodable {
      var id, price, quantity, notional, fee, liquidity, bid, ask: String
    }
    var symbol: String
    var side: String?
    var signal_id, decision_id, order_id, cancel_id, result_id, account, strategy, strength, type,
      status: String?
    var reference_price, quantity, limit_price, stop_price, decision, reason: String?
    var features: [String: String]?
    var risk: [Layer]?
    var executed_time_ns, reported_time_ns: Int64?
    var fill: Fill?
  }

  private struct Document: Decodable {
    var type: String
    var data: Fields
  }

  var catalogue: InstrumentCatalogue

  func event(from json: [UInt8]) throws -> Event {
    let document = try JSONDecoder().decode(Document.self, from: Data(json))
    let fields = document.data
    let id = try #require(catalogue.id(of: fields.symbol))
    if document.type == "cdb.order_cancel.v1" {
      return .cancel(
        CancelRequest(
          id: try eventID(fields.cancel_id), orderID: try eventID(fields.order_id),
          account: try #require(fields.account), instrument: id, reason: try reason(fields)))
    }
    let side = try #require(Side.allCases.first { $0.code == fields.side })
    let type = ContractDriftTests.every(OrderType.self).first { $0.code == fields.type }
    switch document.type {
    case "cdb.signal.v1":
      return .signal(
        Signal(
          id: try eventID(fields.signal_id), instrument: id, side: side,
          strategy: try #require(fields.strategy),
          strength: try ratio(fields.strength), referencePrice: try price(fields.reference_price, id),
          features: try #require(fields.features).mapValues { try ratio($0) }))
    case "cdb.decision.v1":
      return .decision(
        RiskDecision(
          id: try eventID(fields.decision_id), signalID: try eventID(fields.signal_id),
          account: try #require(fields.account), instrument: id, side: side,
          approved: fields.decision == "approved", reason: try reason(fields), layers: try layers(fields)))
    case "cdb.order.v1":
      return .order(
        Order(
          id: try eventID(fields.order_id), signalID: try eventID(fields.signal_id),
          account: try #require(fields.account), instrument: id, side: side,
          type: try #require(type), quantity: try quantity(fields.quantity, id),
          limitPrice: try fields.limit_price.map { try price($0, id) },
          stopPrice: try fields.stop_price.map { try price($0, id) },
          referencePrice: try price(fields.reference_price, id), layers: try layers(fields)))
    default:
      return .result(
        OrderResult(
          id: try eventID(fields.result_id), orderID: try eventID(fields.order_id),
          account: try #require(fields.account), instrument: id, side: side,
          status: try #require(OrderStatus.allCases.first { $0.code == fields.status }),
          executedAt: at(try #require(fields.executed_time_ns)),
          reportedAt: at(try #require(fields.reported_time_ns)),
          fill: try fields.fill.map { try fill($0, id) }, reason: try reason(fields)))
    }
  }

  private func fill(_ fields: Fields.Fill, _ id: InstrumentID) throws -> Fill {
    Fill(
      number: try #require(fields.id.split(separator: "/").last.flatMap { Int($0) }),
      price: try price(fields.price, id), quantity: try quantity(fields.quantity, id),
      notional: Money(mantissa: try DecimalText.parse(fields.notional, scale: Money.scale)),
      fee: Money(mantissa: try DecimalText.parse(fields.fee, scale: Money.scale)),
      liquidity: fields.liquidity == "maker" ? .maker : .taker, bid: try price(fields.bid, id),
      ask: try price(fields.ask, id))
  }

  private func layers(_ fields: Fields) throws -> [LayerVerdict] {
    try #require(fields.risk).map {
      LayerVerdict(
        layer: $0.layer, passed: $0.passed, figure: try ratio($0.figure), limit: try ratio($0.limit))
    }
  }

  private func eventID(_ text: String?) throws -> EventID { try #require(text.flatMap(EventID.init)) }

  private func reason(_ fields: Fields) throws -> ReasonCode {
    try #require(fields.reason.flatMap(ReasonCode.init(code:)))
  }

  private func ratio(_ text: String?) throws -> Ratio {
    Ratio(mantissa: try DecimalText.parse(try #require(text), scale: Ratio.scale))
  }

  private func price(_ text: String?, _ id: InstrumentID) throws -> Price {
    Price(mantissa: try DecimalText.parse(try #require(text), scale: catalogue[id].priceScale))
  }

  private func quantity(_ text: String?, _ id: InstrumentID) throws -> Quantity {
    Quantity(mantissa: try DecimalText.parse(try #require(text), scale: catalogue[id].quantityScale))
  }
}
