import CDBPipeline
import RedisTransport
import ServiceRuntime

extension BusOptions {
  /// The bus that the settings name.
  ///
  /// - Throws: ``InvalidSetting`` where `bus.url` or `bus.prefix` cannot be read, and an error where a secret's file cannot.
  init(_ settings: EffectiveConfiguration) throws {
    var redis = RedisOptions()
    if let password = settings.secretSource("bus.password") {
      redis.credential = try password.secret().withExposed {
        RedisCredential(user: settings.optionalString("bus.user"), password: $0)
      }
    }
    redis.tls.authoritiesFile = settings.optionalString("bus.authorities_file")
    var edge = EdgeOptions()
    edge.prefix = try Self.prefix(settings.string(Self.prefixKey))
    edge.maximumEntries = settings.int("bus.maximum_entries")
    edge.maximumKeptBytes = settings.int("bus.maximum_kept_bytes")
    edge.leaseTime = settings.duration("bus.lease")
    self.init(address: try Self.address(settings.string(Self.addressKey)), redis: redis, edge: edge)
  }
}

extension BusOptions {
  static let addressKey = "bus.url"
  static let prefixKey = "bus.prefix"
  private static let longestPrefix = 64

  private static func address(_ text: String) throws -> RedisAddress {
    do throws(RedisError) {
      return try RedisAddress(text)
    } catch {
      // Without what may be a password.
      throw InvalidSetting(
        key: addressKey, value: error.address,
        expected: "an address such as redis://host:6379/0: \(error.detail)")
    }
  }

  /// A prefix begins the names of all keys of the pipeline. Braces would choose the slot of a cluster; and whoever looks for
  /// `PREFIX:*` is to find all of it, and nothing else.
  private static func prefix(_ text: String) throws -> String {
    let isFine = text.utf8.allSatisfy { byte in
      switch byte {
      case UInt8(ascii: "a")...UInt8(ascii: "z"), UInt8(ascii: "A")...UInt8(ascii: "Z"),
        UInt8(ascii: "0")...UInt8(ascii: "9"), UInt8(ascii: "."), UInt8(ascii: "_"), UInt8(ascii: "-"),
        UInt8(ascii: ":"):
        true
      default: false
      }
    }
    guard isFine, !text.isEmpty, text.utf8.count <= longestPrefix else {
      let shown = text.unicodeScalars.prefix(longestPrefix).map { $0.escaped(asASCII: true) }.joined()
      throw InvalidSetting(
        key: prefixKey, value: "\"\(shown)\(text.unicodeScalars.count > longestPrefix ? "…" : "")\"",
        expected: "1 to \(longestPrefix) letters (a to z), digits, and . _ - :, such as cdb")
    }
    return text
  }
}

extension CDBConfiguration {
  /// The settings of what lies between processes.
  static let bus = [
    ConfigurationKey(
      "bus.url", .string, default: "redis://127.0.0.1:6379",
      help:
        "The Redis between services: redis:// or rediss://host:port/database, redis+sentinel://host,…/name, "
        + "or redis+cluster://host,…."),
    ConfigurationKey("bus.user", .string, help: "Its user; the server's default user unless set."),
    ConfigurationKey("bus.password", .secret, help: "Its password."),
    ConfigurationKey(
      "bus.authorities_file", .string,
      help: "Certificates to trust for it instead of the system's, in PEM."),
    ConfigurationKey(
      BusOptions.prefixKey, .string, default: "cdb",
      help: "What tells this pipeline's keys from those of others: letters, digits, and . _ - :."),
    ConfigurationKey(
      "bus.maximum_entries", .int(100...10_000_000), default: "10000",
      help: "The entries of a stream from which on its producer waits."),
    ConfigurationKey(
      "bus.maximum_kept_bytes", .int(1 << 16...1 << 40), default: "67108864",
      help: "What a producer keeps of a stream, to fill a server again that lost it, bytes."),
    ConfigurationKey(
      "bus.lease", .duration(.seconds(1) ... .seconds(600)), default: "5s",
      help: "How long a service that says nothing keeps its streams from another instance of it."),
  ]
}
