import CDBDomain
import CDBPipeline

/// Where two sources that must say the same do not. Compared by id and by the order of booking, never by the length of
/// anything that is capped.
public struct BlockDeviation: Sendable, Hashable, Codable {
  /// What was compared, such as `fees at checkpoint 1`.
  public var figure: String
  public var process: String
  public var store: String

  public init(figure: String, process: String, store: String) {
    self.figure = figure
    self.process = process
    self.store = store
  }
}

extension BlockDeviation {
  /// Holds what the process noted of its account against the fills that the store has, up to the same fill, and the
  /// sink's ledger against the rows of each table.
  ///
  /// - Returns: how many figures were compared, and those that differ.
  public static func compare(_ block: Block, _ rows: BlockRows) -> (compared: Int, found: [BlockDeviation]) {
    var compared = 0
    var found: [BlockDeviation] = []
    func compare(_ figure: String, _ process: String, _ store: String) {
      compared += 1
      if process != store { found.append(BlockDeviation(figure: figure, process: process, store: store)) }
    }
    for note in block.notes {
      guard let books = note.figures.books else { continue }
      guard let stored = Stored(rows, fills: books.fills) else {
        // More booked than stored is a loss; less than is given one by one cannot be compared.
        if books.fills > rows.opening.fills + rows.fills.count {
          compare(
            "fills at \(note.name)", "\(books.fills)", "\(rows.opening.fills + rows.fills.count)")
        }
        continue
      }
      compare("fees at \(note.name)", MoneyText.exact(books.fees), stored.fees)
      compare("cash at \(note.name)", MoneyText.exact(books.cash), stored.cash(from: books.startingCash))
      for (index, position) in books.positions.enumerated() {
        let held = stored.positions[InstrumentID(UInt16(clamping: index))] ?? 0
        compare("\(position.symbol) at \(note.name)", "\(position.quantity.mantissa)", "\(held)")
      }
    }
    for tally in rows.tallies { compare("rows of \(tally.table)", "\(tally.counted)", "\(tally.rows)") }
    return (compared, found)
  }

  /// An account as the first so many fills of the store make it. In 128 bits: a sum is never refused.
  private struct Stored {
    var net: Int128
    var paid: Int128
    var positions: [InstrumentID: Int128]

    init?(_ rows: BlockRows, fills count: Int) {
      let more = count - rows.opening.fills
      guard more >= 0, more <= rows.fills.count else { return nil }
      paid = Int128(rows.opening.fees.mantissa)
      net = Int128(rows.opening.sold.mantissa) - Int128(rows.opening.bought.mantissa)
      positions = rows.opening.positions.mapValues { Int128($0.mantissa) }
      for fill in rows.fills.prefix(more) {
        let sign: Int128 = fill.side == .buy ? 1 : -1
        paid += Int128(fill.fee.mantissa)
        net -= sign * Int128(fill.notional.mantissa)
        positions[fill.instrument, default: 0] += sign * Int128(fill.quantity.mantissa)
      }
    }

    var fees: String { MoneyText.exact(paid) }
    func cash(from starting: Money) -> String { MoneyText.exact(Int128(starting.mantissa) + net - paid) }
  }
}
