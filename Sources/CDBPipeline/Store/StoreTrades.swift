import CDBDomain

/// The newest orders and fills of real accounts.
enum StoreTrades {
  static func latest(limit: Int, _ reader: any StoreReader) throws -> LatestTrades {
    LatestTrades(orders: try orders(limit, reader), fills: try fills(limit, reader))
  }

  private static func orders(_ limit: Int, _ reader: any StoreReader) throws -> [OrderRecord] {
    let rows = try reader.rows(
      """
      SELECT o.id, o.time_ns, i.symbol, o.side, o.type, o.quantity, coalesce(o.limit_price, o.stop_price),
        r.status, r.reason, i.price_scale, i.quantity_scale
      FROM orders o JOIN instruments i ON i.id = o.instrument_id
      LEFT JOIN order_results r ON r.id = (SELECT max(id) FROM order_results WHERE order_id = o.id)
      WHERE o.account <> $1 ORDER BY o.id DESC LIMIT $2
      """, [.text(RiskEngine.canaryName), .integer(Int64(limit))])
    return try rows.map { row in
      let (priceScale, quantityScale): (Int, Int) = (try row[9], try row[10])
      return OrderRecord(
        id: id(try row[0]), time: EventTime(nanoseconds: try row[1]), symbol: try row[2], side: try row[3],
        type: try row[4],
        quantity: DecimalText.render(try row[5], scale: quantityScale),
        price: (try row[6] as Int64?).map { DecimalText.render($0, scale: priceScale) },
        status: try row[7], reason: try row[8])
    }
  }

  private static func fills(_ limit: Int, _ reader: any StoreReader) throws -> [FillRecord] {
    let rows = try reader.rows(
      """
      SELECT f.order_id, r.executed_ns, i.symbol, o.side, f.quantity, f.price, f.fee, f.liquidity,
        i.price_scale, i.quantity_scale
      FROM fills f JOIN order_results r ON r.id = f.result_id JOIN orders o ON o.id = f.order_id
      JOIN instruments i ON i.id = o.instrument_id
      WHERE o.account <> $1 ORDER BY f.result_id DESC LIMIT $2
      """, [.text(RiskEngine.canaryName), .integer(Int64(limit))])
    return try rows.map { row in
      let (priceScale, quantityScale): (Int, Int) = (try row[8], try row[9])
      return FillRecord(
        order: id(try row[0]), time: EventTime(nanoseconds: try row[1]), symbol: try row[2], side: try row[3],
        quantity: DecimalText.render(try row[4], scale: quantityScale),
        price: DecimalText.render(try row[5], scale: priceScale),
        fee: DecimalText.render(try row[6], scale: Money.scale), liquidity: try row[7])
    }
  }

  private static func id(_ key: Int64) -> String { EventID(storeKey: key)?.description ?? "\(key)" }
}
