import CDBPipeline
import Foundation
import PostgresClient
import ServiceRuntime

extension StoreLocation {
  /// Where the settings say that the store is: `store.url`, or a file in the data directory.
  ///
  /// - Throws: `PostgresError` where `store.url` cannot be read, or a secret's file cannot.
  public init(_ settings: EffectiveConfiguration) throws {
    guard let url = settings.secretSource("store.url") else {
      self = .sqlite(path: settings.string("data_dir") + "/" + Self.fileName)
      return
    }
    let password = settings.secretSource("store.password")
    // Asked for at each connection: a new password takes effect without a restart.
    let ask: (@Sendable () throws -> String?)? = password.map { source in
      { @Sendable in try source.secret().withExposed { $0 } }
    }
    let text = try url.secret().withExposed { $0 }
    self = .postgres(try PostgresSettings(text, password: ask))
  }

  /// Opens the store that the settings name, to read it.
  ///
  /// - Throws: `PipelineError` where the data directory has none.
  static func existing(_ settings: EffectiveConfiguration) async throws -> any StoreContents {
    let location = try StoreLocation(settings)
    do {
      return try await location.openExisting()
    } catch StoreRefusal.missing where !location.isServer {
      throw PipelineError.dataDirectory(
        settings.string("data_dir"),
        reason:
          "there is no store in it, and so no record of decisions; name the directory with --data-dir, or the store on a "
          + "server with store.url")
    }
  }

  private var isServer: Bool { if case .postgres = self { true } else { false } }
}
