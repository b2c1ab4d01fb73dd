import ServiceRuntime
import WebSocketTransport

/// Where an exchange's public interfaces are.
public struct ExchangeAddress: Sendable, Equatable {
  public var webSocketURL: String
  public var restURL: String
  /// Certificates to trust instead of the system's, in PEM.
  public var authoritiesFile: String?

  init(_ settings: EffectiveConfiguration) throws {
    webSocketURL = settings.string("feed.binance.websocket_url")
    restURL = settings.string("feed.binance.rest_url")
    while restURL.hasSuffix("/") { restURL.removeLast() }
    authoritiesFile = settings.optionalString("feed.binance.authorities_file")
    do throws(WebSocketError) {
      _ = try WebSocketEndpoint(url: webSocketURL)
    } catch {
      throw InvalidSetting(
        key: "feed.binance.websocket_url", value: webSocketURL, expected: "ws://host:port or wss://host:port")
    }
    guard restURL.hasPrefix("http://") || restURL.hasPrefix("https://") else {
      throw InvalidSetting(
        key: "feed.binance.rest_url", value: restURL, expected: "http://host:port or https://host:port")
    }
  }
}
