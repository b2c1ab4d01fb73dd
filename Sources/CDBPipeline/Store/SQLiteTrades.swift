import CDBDomain
import GRDB

/// The newest orders and fills of real accounts.
enum SQLiteTrades {
  static func latest(limit: Int, _ database: Database) throws -> LatestTrades {
    LatestTrades(orders: try orders(limit, database), fills: try fills(limit, database))
  }

  private static func orders(_ limit: Int, _ database: Database) throws -> [OrderRecord] {
    let rows = try Row.fetchAll(
      database,
      sql: """
        SELECT o.id, o.time_ns, i.symbol, o.side, o.type, o.quantity, coalesce(o.limit_price, o.stop_price),
          r.status, r.reason, i.price_scale, i.quantity_scale
        FROM orders o JOIN instruments i ON i.id = o.instrument_id
        LEFT JOIN order_results r ON r.id = (SELECT max(id) FROM order_results WHERE order_id = o.id)
        WHERE o.account <> ? ORDER BY o.id DESC LIMIT ?
        """, arguments: [RiskEngine.canaryName, limit])
    return rows.map { row in
      let (priceScale, quantityScale): (Int, Int) = (row[9], row[10])
      return OrderRecord(
        id: id(row[0]), time: EventTime(nanoseconds: row[1]), symbol: row[2], side: row[3], type: row[4],
        quantity: DecimalText.render(row[5], scale: quantityScale),
        price: (row[6] as Int64?).map { DecimalText.render($0, scale: priceScale) },
        status: row[7], reason: row[8])
    }
  }

  private static func fills(_ limit: Int, _ database: Database) throws -> [FillRecord] {
    let rows = try Row.fetchAll(
      database,
      sql: """
        SELECT f.order_id, r.executed_ns, i.symbol, o.side, f.quantity, f.price, f.fee, f.liquidity,
          i.price_scale, i.quantity_scale
        FROM fills f JOIN order_results r ON r.id = f.result_id JOIN orders o ON o.id = f.order_id
        JOIN instruments i ON i.id = o.instrument_id
        WHERE o.account <> ? ORDER BY f.result_id DESC LIMIT ?
        """, arguments: [RiskEngine.canaryName, limit])
    return rows.map { row in
      let (priceScale, quantityScale): (Int, Int) = (row[8], row[9])
      return FillRecord(
        order: id(row[0]), time: EventTime(nanoseconds: row[1]), symbol: row[2], side: row[3],
        quantity: DecimalText.render(row[4], scale: quantityScale),
        price: DecimalText.render(row[5], scale: priceScale),
        fee: DecimalText.render(row[6], scale: Money.scale), liquidity: row[7])
    }
  }

  private static func id(_ key: Int64) -> String { EventID(storeKey: key)?.description ?? "\(key)" }
}
