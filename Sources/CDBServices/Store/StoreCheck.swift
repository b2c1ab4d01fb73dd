import CDBDomain
import CDBPipeline
import PostgresClient
import ServiceRuntime

/// Two stores held against each other, for a person or a program.
public struct StoreCheck: Codable, Sendable {
  public var isSame: Bool
  public var comparison: StoreComparison

  /// - Parameters:
  ///   - first: a data directory, a store's file, or a connection string.
  ///   - second: the same.
  ///   - passwordFile: the password of each that is on a server; nil where the connection string or libpq has it.
  ///   - limit: how many differences of a table are named.
  public init(_ first: String, _ second: String, passwordFile: String? = nil, limit: Int = 20) async throws {
    let password: (@Sendable () throws -> String?)? = passwordFile.map { path in
      { @Sendable in try FileSecretSource(path: path).secret().withExposed { $0 } }
    }
    let one = try await StoreLocation(first, password: password).openExisting()
    defer { try? one.close() }
    let other = try await StoreLocation(second, password: password).openExisting()
    defer { try? other.close() }
    comparison = try await StoreComparison(one, other, limit: limit)
    isSame = comparison.isSame
  }

  public func text(in language: Language) -> String {
    var lines = [
      isSame
        ? Translation(en: "the stores hold the same", de: "die Speicher enthalten dasselbe")[language]
        : Translation(en: "the stores DIFFER", de: "die Speicher sind VERSCHIEDEN")[language]
    ]
    for (name, side) in [("A", comparison.first), ("B", comparison.second)] {
      lines.append("  \(name)  \(side.place)")
      lines.append("     digest \(side.digest)")
    }
    for table in comparison.tables {
      let same = Translation(en: "same", de: "gleich")[language]
      lines.append(
        table.isSame
          ? "  \(table.name)  \(table.firstRows)  \(same)"
          : "  \(table.name)  \(table.firstRows) / \(table.secondRows)  " + counts(of: table, in: language))
      lines += table.differences.map { "    " + $0.text(in: language) }
      let rest =
        table.missingInFirst + table.missingInSecond + table.differing - table.differences.count
      if rest > 0 {
        lines.append("    " + Translation(en: "and \(rest) more", de: "und \(rest) weitere")[language])
      }
    }
    return lines.joined(separator: "\n")
  }

  private func counts(of table: StoreComparison.Table, in language: Language) -> String {
    Translation(
      en: "missing in A: \(table.missingInFirst), missing in B: \(table.missingInSecond), different: "
        + "\(table.differing)",
      de: "fehlen in A: \(table.missingInFirst), fehlen in B: \(table.missingInSecond), verschieden: "
        + "\(table.differing)")[language]
  }
}

extension StoreComparison.Difference {
  func text(in language: Language) -> String {
    switch kind {
    case .missingInFirst: Translation(en: "\(id) is not in A", de: "\(id) fehlt in A")[language]
    case .missingInSecond: Translation(en: "\(id) is not in B", de: "\(id) fehlt in B")[language]
    case .differs:
      Translation(en: "\(id) differs in ", de: "\(id) unterscheidet sich in ")[language]
        + columns.joined(separator: ", ")
    }
  }
}
