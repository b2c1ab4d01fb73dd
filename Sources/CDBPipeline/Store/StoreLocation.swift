import Foundation
import PostgresClient

/// Where a store is: a file, or a database on a server.
public enum StoreLocation: Sendable, CustomStringConvertible {
  public static let fileName = "store.sqlite"

  case sqlite(path: String)
  case postgres(PostgresSettings)

  /// - Parameter text: a data directory, a store's file, `postgresql://…`, or libpq's keywords (`host=… dbname=…`).
  /// - Throws: ``PostgresClient/PostgresError`` where a connection string cannot be read.
  public init(_ text: String, password: (@Sendable () throws -> String?)? = nil) throws {
    var isDirectory: ObjCBool = false
    let exists = FileManager.default.fileExists(atPath: text, isDirectory: &isDirectory)
    if exists {
      self = .sqlite(path: isDirectory.boolValue ? text + "/" + Self.fileName : text)
    } else if Self.isConnection(text) {
      self = .postgres(try PostgresSettings(text, password: password))
    } else {
      self = .sqlite(path: text)
    }
  }

  private static func isConnection(_ text: String) -> Bool {
    if text.hasPrefix("postgresql://") || text.hasPrefix("postgres://") { return true }
    guard let first = text.split(separator: "=", maxSplits: 1).first, first.count < text.count else {
      return false
    }
    return first.allSatisfy { $0.isASCII && ($0.isLowercase || $0 == "_" || $0 == " ") }
  }

  /// Without a password.
  public var description: String {
    switch self {
    case .sqlite(let path): path
    case .postgres(let settings): settings.place
    }
  }

  /// Opens it to write; makes it, or brings its schema forward, where that is needed.
  public func open() async throws -> any PipelineStore & StoreContents {
    switch self {
    case .sqlite(let path): try SQLiteStore(path: path)
    case .postgres(let settings): try await PostgresStore(settings)
    }
  }

  /// Opens what is there to read it, without changing it.
  ///
  /// - Throws: ``StoreRefusal`` where there is none, or a newer version's.
  public func openExisting() async throws -> any StoreContents {
    switch self {
    case .sqlite(let path): return try SQLiteArchive(path: path)
    case .postgres(let settings):
      let archive = PostgresArchive(settings)
      _ = try await archive.position()
      return archive
    }
  }
}
