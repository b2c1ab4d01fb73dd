import CDBDomain
import Foundation

/// The rules that rows of the order path obey, each as a query for the ids that break it.
enum StoreRules {
  /// How many ids a finding names.
  static let examples = 5

  private static let final = OrderStatus.allCases.filter(\.isFinal).map { "'\($0.code)'" }
    .joined(separator: ", ")

  private static let rules: [(name: String, query: String)] = [
    (
      "a signal without a decision",
      "SELECT s.id FROM signals s LEFT JOIN decisions d ON d.signal_id = s.id WHERE d.id IS NULL"
    ),
    (
      "an order without an approval",
      """
      SELECT o.id FROM orders o LEFT JOIN decisions d ON d.signal_id = o.signal_id AND d.account = o.account
      WHERE d.id IS NULL OR d.approved = 0
      """
    ),
    (
      "an approval without an order",
      """
      SELECT d.id FROM decisions d LEFT JOIN orders o ON o.signal_id = d.signal_id
      WHERE d.approved <> 0 AND o.id IS NULL
      """
    ),
    (
      "a result without an order",
      "SELECT r.id FROM order_results r LEFT JOIN orders o ON o.id = r.order_id WHERE o.id IS NULL"
    ),
    (
      "a fill without its result",
      """
      SELECT f.result_id FROM fills f LEFT JOIN order_results r ON r.id = f.result_id AND r.order_id = f.order_id
      WHERE r.id IS NULL OR r.status NOT IN ('partially_filled', 'filled')
      """
    ),
    (
      "a result that says filled without its fill",
      """
      SELECT r.id FROM order_results r LEFT JOIN fills f ON f.result_id = r.id
      WHERE r.status IN ('partially_filled', 'filled') AND f.result_id IS NULL
      """
    ),
    (
      "an order with two final results",
      "SELECT order_id FROM order_results WHERE status IN (\(final)) GROUP BY order_id HAVING count(*) > 1"
    ),
    (
      "an order filled beyond its quantity",
      """
      SELECT o.id FROM orders o JOIN fills f ON f.order_id = o.id
      GROUP BY o.id HAVING sum(f.quantity) > o.quantity
      """
    ),
    (
      "an order that counts as filled and is not whole",
      """
      SELECT o.id FROM orders o JOIN order_results r ON r.order_id = o.id AND r.status = 'filled'
      WHERE (SELECT coalesce(sum(quantity), 0) FROM fills WHERE order_id = o.id) <> o.quantity
      """
    ),
    (
      "fills of an order that are not numbered through",
      "SELECT order_id FROM fills GROUP BY order_id HAVING max(number) <> count(*) OR min(number) <> 1"
    ),
  ]

  /// Fills against the market that was noted with them: no taker is filled better than the best price or beyond
  /// the bound, nobody is filled beyond his own limit.
  private static let bounds = """
    SELECT f.result_id FROM fills f JOIN orders o ON o.id = f.order_id
    WHERE f.liquidity = 'taker' AND o.side = 'buy'
        AND (f.price < f.ask OR f.price > f.ask * (1.0 + $1) + 1)
      OR f.liquidity = 'taker' AND o.side = 'sell'
        AND (f.price > f.bid OR f.price < f.bid * (1.0 - $1) - 1)
      OR o.limit_price IS NOT NULL AND o.side = 'buy' AND f.price > o.limit_price
      OR o.limit_price IS NOT NULL AND o.side = 'sell' AND f.price < o.limit_price
    """

  static func audit(_ reader: any StoreReader, maximumSlippage: Ratio) throws -> StoreAudit {
    var audit = StoreAudit()
    audit.orders = try reader.value("SELECT count(*) FROM orders") ?? 0
    audit.results = try reader.value("SELECT count(*) FROM order_results") ?? 0
    audit.fills = try reader.value("SELECT count(*) FROM fills") ?? 0
    for (name, query) in rules { try note(name, query, [], reader, &audit) }
    let widest = try slippages(reader).reduce(maximumSlippage, max)
    try note(
      "a fill outside the market at its instant", bounds,
      [.real(Double(widest.mantissa) / Double(Ratio.one.mantissa))], reader, &audit)
    audit.accounts = try accounts(reader)
    return audit
  }

  /// The bounds that were ever in force: a fill of yesterday obeys the configuration of yesterday.
  private static func slippages(_ reader: any StoreReader) throws -> [Ratio] {
    try reader.rows("SELECT body FROM controls WHERE kind = 'configure'").compactMap { row in
      let body: String = try row[0]
      guard
        case .configure(let configuration)? = try? JSONDecoder().decode(Control.self, from: Data(body.utf8))
      else { return nil }
      return configuration.exchange.maximumSlippage
    }
  }

  private static func note(
    _ rule: String, _ query: String, _ arguments: [StoreValue], _ reader: any StoreReader,
    _ audit: inout StoreAudit
  ) throws {
    let keys = try reader.integers(query + " ORDER BY 1 LIMIT \(examples)", arguments)
    guard !keys.isEmpty else { return }
    audit.findings.append(
      .init(rule: rule, ids: keys.map { EventID(storeKey: $0).map { "\($0)" } ?? "\($0)" }))
  }

  private static func accounts(_ reader: any StoreReader) throws -> [AccountProjection] {
    var accounts: [String: AccountProjection] = [:]
    try reader.each(
      """
      SELECT o.account, o.instrument_id, o.side, count(*), sum(f.quantity), sum(f.notional), sum(f.fee)
      FROM fills f JOIN orders o ON o.id = f.order_id GROUP BY 1, 2, 3
      """, []
    ) { row in
      let (name, side): (String, String) = (try row[0], try row[2])
      let instrument = InstrumentID(UInt16(clamping: try row[1] as Int64))
      let isBuy = side == "buy"
      let quantity = Quantity(mantissa: try row[4])
      let notional = Money(mantissa: try row[5])
      var account = accounts[name] ?? AccountProjection(account: name)
      account.fills += try row[3] as Int
      account.fees = try account.fees + Money(mantissa: try row[6])
      let held = account.positions[instrument] ?? .zero
      account.positions[instrument] = isBuy ? try held + quantity : try held - quantity
      if isBuy {
        account.bought = try account.bought + notional
      } else {
        account.sold = try account.sold + notional
      }
      accounts[name] = account
    }
    try reader.each(
      """
      SELECT o.account, o.id FROM orders o WHERE NOT EXISTS
        (SELECT 1 FROM order_results r WHERE r.order_id = o.id AND r.status IN (\(final)))
      ORDER BY o.id
      """, []
    ) { row in
      guard let id = EventID(storeKey: try row[1]) else { return }
      let name: String = try row[0]
      accounts[name, default: AccountProjection(account: name)].openOrders.append(id)
    }
    return accounts.values.sorted { $0.account < $1.account }
  }
}
