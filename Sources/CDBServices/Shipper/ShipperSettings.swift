import Foundation
import HTTPTransport
import LogShipping
import ServiceRuntime

extension CDBConfiguration {
  static let shipper = [
    ConfigurationKey(
      "ship.files", .list, flag: "files",
      help: "Which files are shipped: paths with *, ? and […]; rotated ones too."),
    ConfigurationKey(
      "ship.exclude", .list, default: PathPatterns.packed.joined(separator: ","),
      help: "Which of them are not: patterns of paths, or of names where they have no slash."),
    ConfigurationKey(
      "ship.urls", .list, flag: "urls",
      help: "Elasticsearch or OpenSearch: its nodes' addresses, of which the next is asked where one fails."),
    ConfigurationKey(
      "ship.index", .string, default: "logs-cdb-default", flag: "index",
      help:
        "The index or data stream that the lines go to; with ship.routing, those that name none that can be."),
    ConfigurationKey(
      "ship.routing", .bool, default: "false",
      help:
        "Whether a line goes to the data stream that its data_stream.* or event.dataset name, logs-<dataset>-<namespace>; ship.index then has the others."
    ),
    ConfigurationKey(
      "ship.datasets", .list, default: "*",
      help: "Which datasets lines may name: patterns with *, ? and […]."),
    ConfigurationKey(
      "ship.compression_level", .int(0...9), default: "0",
      help: "How much requests are compressed by gzip: 1, fast, to 9, small; 0 not at all."),
    ConfigurationKey("ship.api_key", .secret, help: "An API key as the server gave it, in Base64."),
    ConfigurationKey("ship.user", .string, help: "Who ships, where that is no API key."),
    ConfigurationKey("ship.password", .secret, help: "The password of ship.user."),
    ConfigurationKey(
      "ship.authorities_file", .string, help: "Certificates to trust instead of the system's, in PEM."),
    ConfigurationKey("ship.certificate_file", .string, help: "The shipper's own certificate, in PEM."),
    ConfigurationKey("ship.key_file", .string, help: "The key of the shipper's certificate, in PEM."),
    ConfigurationKey(
      "ship.batch_bytes", .int(1 << 16...(1 << 26)), default: "4194304",
      help: "How large a request may be; one line may go beyond."),
    ConfigurationKey(
      "ship.batch_documents", .int(1...100_000), default: "10000",
      help: "How many lines a request has at most."),
    ConfigurationKey(
      "ship.linger", .duration(.zero ... .seconds(60)), default: "200ms",
      help: "How long a request that is not full waits for more lines."),
    ConfigurationKey(
      "ship.connections", .int(1...16), default: "2", help: "How many requests are under way at a time."),
    ConfigurationKey(
      "ship.line_bytes", .int(1_024...(1 << 26)), default: "1048576",
      help: "How long a line may be; what is behind is left out, and the line says so."),
    ConfigurationKey(
      "ship.multiline_start", .string,
      help:
        "What the first line of a record looks like, as a POSIX extended regular expression; other lines belong to the one before. Unset, each line is a record."
    ),
    ConfigurationKey(
      "ship.multiline_lines", .int(2...10_000), default: "500", help: "How many lines a record has at most."),
    ConfigurationKey(
      "ship.multiline_timeout", .duration(.milliseconds(10) ... .seconds(60)), default: "2s",
      help: "After how long a record is whole although no other has begun."),
    ConfigurationKey(
      "ship.format", .choice(["lines", "docker", "cri"]), default: "lines",
      help: "What lines are wrapped in: nothing, Docker's json-file, or the format of Kubernetes' runtimes."),
    ConfigurationKey(
      "ship.redact", .bool, default: "true", help: "Whether what looks like a secret is left out of lines."),
    ConfigurationKey(
      "ship.redact_keys", .list,
      help: "What names of keys end with whose values are secrets, beside password, token and the like."),
    ConfigurationKey(
      "ship.scan_interval", .duration(.milliseconds(10) ... .seconds(600)), default: "1s",
      help: "How often files are looked for that the kernel did not tell of."),
    ConfigurationKey(
      "ship.timeout", .duration(.seconds(1) ... .seconds(3_600)), default: "60s",
      help: "How long a request may take."),
    ConfigurationKey(
      "ship.flush_deadline", .duration(.zero ... .seconds(600)), default: "10s",
      help: "How long the shipper goes on delivering after it was told to end; the rest is read again later."),
  ]
}

extension ShipperOptions {
  /// What the settings say.
  ///
  /// - Throws: `InvalidSetting` where they name no files or no server, or what they name cannot be.
  public init(_ settings: EffectiveConfiguration) throws {
    let files = settings.list("ship.files")
    guard !files.isEmpty else {
      throw InvalidSetting(
        key: "ship.files", value: "not set", expected: "patterns of files, such as /var/log/app/*.log*")
    }
    let exclude = settings.list("ship.exclude")
    self.init(
      directory: Self.directory(of: settings),
      patterns: PathPatterns(included: files, excluded: exclude.filter { !$0.isEmpty }),
      target: try Self.target(settings), userAgent: "cdb-ship/\(SuiteVersion.current)",
      batchBytes: settings.int("ship.batch_bytes"), batchItems: settings.int("ship.batch_documents"),
      linger: settings.milliseconds("ship.linger"), connections: settings.int("ship.connections"),
      longestLine: settings.int("ship.line_bytes"), multiline: try Self.multiline(settings),
      container: ContainerFormat(rawValue: settings.string("ship.format")),
      scanInterval: settings.milliseconds("ship.scan_interval"),
      redactor: settings.bool("ship.redact") ? Redactor(further: settings.list("ship.redact_keys")) : nil,
      flushDeadline: settings.duration("ship.flush_deadline"))
  }

  /// Where a shipper of these settings keeps its state.
  public static func directory(of settings: EffectiveConfiguration) -> String {
    settings.string("data_dir") + "/ship"
  }

  private static func multiline(_ settings: EffectiveConfiguration) throws -> MultilineOptions? {
    guard let start = settings.optionalString("ship.multiline_start"), !start.isEmpty else { return nil }
    guard settings.string("ship.format") == "lines" else {
      throw InvalidSetting(
        key: "ship.multiline_start", value: start,
        expected: "nothing beside ship.format: lines that are wrapped cannot be put together yet")
    }
    do {
      return MultilineOptions(
        start: try LinePattern(start), mostLines: settings.int("ship.multiline_lines"),
        timeout: settings.milliseconds("ship.multiline_timeout"))
    } catch {
      throw InvalidSetting(
        key: "ship.multiline_start", value: start,
        expected: "a POSIX extended regular expression, such as ^[0-9]{4}- (\(error))")
    }
  }

  /// The server, and who asks it.
  static func target(_ settings: EffectiveConfiguration) throws -> BulkTarget {
    let urls = try settings.list("ship.urls").map { text in
      let url = text.hasSuffix("/") ? String(text.dropLast()) : text
      guard let parts = URLComponents(string: url), ["http", "https"].contains(parts.scheme),
        parts.host?.isEmpty == false, parts.query == nil, parts.fragment == nil
      else {
        throw InvalidSetting(key: "ship.urls", value: text, expected: "addresses such as https://search:9200")
      }
      guard parts.user == nil, parts.password == nil else {
        throw InvalidSetting(
          key: "ship.urls", value: "an address with a user",
          expected: "addresses alone: the user belongs to ship.user and ship.password_file")
      }
      return url
    }
    guard !urls.isEmpty else {
      throw InvalidSetting(
        key: "ship.urls", value: "not set", expected: "the server's address, such as http://127.0.0.1:9200")
    }
    let index = settings.string("ship.index")
    let isName = index.utf8.allSatisfy { byte in
      (UInt8(ascii: "a")...UInt8(ascii: "z")).contains(byte)
        || (UInt8(ascii: "0")...UInt8(ascii: "9")).contains(byte)
        || [UInt8(ascii: "-"), 46, 95].contains(byte)
    }
    guard isName, let first = index.utf8.first, ![UInt8(ascii: "-"), 46, 95].contains(first),
      index.utf8.count <= 255
    else {
      throw InvalidSetting(
        key: "ship.index", value: index,
        expected:
          "the name of an index: small letters, digits, -, . and _, of which the last three cannot begin it")
    }
    let tls = TLSOptions(
      authoritiesFile: settings.optionalString("ship.authorities_file"),
      certificateFile: settings.optionalString("ship.certificate_file"),
      privateKeyFile: settings.optionalString("ship.key_file"))
    return BulkTarget(
      urls: urls, index: index,
      routing: settings.bool("ship.routing") ? StreamRouting(datasets: settings.list("ship.datasets")) : nil,
      compressionLevel: settings.int("ship.compression_level"), tls: tls,
      timeout: settings.milliseconds("ship.timeout"),
      authorization: authorization(settings))
  }

  /// A key goes before a user. Files are read again for each request, so that what is renewed there is used.
  private static func authorization(_ settings: EffectiveConfiguration) -> @Sendable () throws -> String? {
    if let key = settings.secretSource("ship.api_key") {
      return { try key.secret().withExposed { "ApiKey \($0)" } }
    }
    guard let user = settings.optionalString("ship.user") else { return { nil } }
    let password = settings.secretSource("ship.password")
    return {
      let password = try password?.secret().withExposed { $0 } ?? ""
      return "Basic " + Data("\(user):\(password)".utf8).base64EncodedString()
    }
  }
}

extension EffectiveConfiguration {
  fileprivate func milliseconds(_ name: String) -> Int64 {
    Int64((duration(name) / .milliseconds(1)).rounded(.up))
  }
}
