import HTTPTransport
import OpenMetrics
import Yams

/// Reads a `prometheus.yml`.
struct ConfigurationReader {
  var result = PrometheusConfiguration()
  private var interval: Int64 = 60_000
  private var timeout: Int64 = 10_000
  private var limits = ScrapeLimits()
  private var keptDroppedTargets = 0
  private var protocols = ScrapeProtocol.standard
  private var takesClassicHistograms = false

  /// - Parameter folder: relative paths in the file start here.
  private let folder: String

  init(folder: String) { self.folder = folder }

  mutating func read(_ text: String) throws(ConfigurationFault) -> PrometheusConfiguration {
    let node: Node?
    do {
      node = try Yams.compose(yaml: text)
    } catch {
      throw ConfigurationFault(line: nil, path: "", reason: "\(error)")
    }
    guard let node else { return result }
    var root = try ConfigurationSection(node, path: "")
    if let global = try root.section("global") { try read(global: global) }
    for section in try root.sections("scrape_configs") { try read(job: section) }
    for section in try root.sections("remote_write") { try read(endpoint: section) }
    try root.finish(
      unsupported: [
        "rule_files", "alerting", "storage", "tracing", "remote_read", "runtime", "otlp",
        "scrape_config_files",
      ], &result.notices)
    return result
  }

  private mutating func read(global section: ConfigurationSection) throws(ConfigurationFault) {
    var section = section
    if let value = try section.duration("scrape_interval") { interval = value }
    timeout = min(try section.duration("scrape_timeout") ?? timeout, interval)
    if let labels = try section.pairs("external_labels") {
      result.externalLabels = SeriesLabels(labels.map { Label($0.0, $0.1) })
    }
    limits = try limits(of: &section)
    keptDroppedTargets = try section.count("keep_dropped_targets") ?? 0
    protocols = try protocols(of: &section) ?? protocols
    takesClassicHistograms = try section.bool("always_scrape_classic_histograms") ?? false
    try section.finish(
      unsupported: [
        "evaluation_interval", "query_log_file", "runtime",
        "rule_query_offset", "metric_name_validation_scheme", "metric_name_escaping_scheme",
        "scrape_failure_log_file", "convert_classic_histograms_to_nhcb",
        "extra_scrape_metrics",
      ], &result.notices)
  }

  private func limits(of section: inout ConfigurationSection) throws(ConfigurationFault) -> ScrapeLimits {
    var limits = self.limits
    limits.samples = try section.count("sample_limit") ?? limits.samples
    limits.bodyBytes = try section.bytes("body_size_limit") ?? limits.bodyBytes
    limits.labels = try section.count("label_limit") ?? limits.labels
    limits.labelNameBytes = try section.count("label_name_length_limit") ?? limits.labelNameBytes
    limits.labelValueBytes = try section.count("label_value_length_limit") ?? limits.labelValueBytes
    limits.targets = try section.count("target_limit") ?? limits.targets
    return limits
  }

  // MARK: - Jobs

  private mutating func read(job section: ConfigurationSection) throws(ConfigurationFault) {
    var section = section
    guard let name = try section.text("job_name"), !name.isEmpty else {
      throw section.fault(nil, "it has no job_name")
    }
    guard !result.jobs.contains(where: { $0.name == name }) else {
      throw section.fault("job_name", "there are two jobs \(name)")
    }
    let interval = try section.duration("scrape_interval") ?? interval
    let ownTimeout = try section.duration("scrape_timeout")
    guard interval > 0 else { throw section.fault("scrape_interval", "it must be more than 0") }
    guard ownTimeout ?? 1 > 0, ownTimeout ?? 0 <= interval else {
      throw section.fault("scrape_timeout", "it must be more than 0 and no more than the interval")
    }
    var job = ScrapeJob(name: name, interval: interval, timeout: ownTimeout ?? min(timeout, interval))
    if let path = try section.text("metrics_path") { job.path = path }
    if let scheme = try section.text("scheme") { job.scheme = scheme }
    guard ["http", "https"].contains(job.scheme) else { throw section.fault("scheme", "it is http or https") }
    job.parameters = (try section.lists("params") ?? []).map { (name: $0.0, values: $0.1) }
    job.honorLabels = try section.bool("honor_labels") ?? false
    job.honorTimestamps = try section.bool("honor_timestamps") ?? true
    job.tracksTimestampsStaleness = try section.bool("track_timestamps_staleness") ?? false
    job.limits = try limits(of: &section)
    job.keptDroppedTargets = try section.count("keep_dropped_targets") ?? keptDroppedTargets
    job.targetRules = try rules(try section.sections("relabel_configs"))
    for group in try section.sections("static_configs") {
      job.groups.append(try self.group(group, isFinal: job.targetRules.isEmpty))
    }
    job.discoveries = try discoveries(of: &section)
    job.protocols = try protocols(of: &section) ?? protocols
    job.takesClassicHistograms = takesClassicHistograms
    // By its name of before as well.
    for key in ["scrape_classic_histograms", "always_scrape_classic_histograms"] {
      job.takesClassicHistograms = try section.bool(key) ?? job.takesClassicHistograms
    }
    job.metricRules = try rules(try section.sections("metric_relabel_configs"))
    job.access = try access(of: &section)
    try section.finish(unsupported: Self.unsupportedOfJobs, &result.notices)
    result.jobs.append(job)
  }

  private static let unsupportedOfJobs: Set = [
    "fallback_scrape_protocol", "enable_compression",
    "native_histogram_bucket_limit", "native_histogram_min_bucket_factor",
    "convert_classic_histograms_to_nhcb", "metric_name_validation_scheme", "metric_name_escaping_scheme",
    "scrape_failure_log_file",
    "extra_scrape_metrics", "follow_redirects", "enable_http2",
    "proxy_connect_header", "oauth2", "http_headers", "azure_sd_configs", "consul_sd_configs",
    "digitalocean_sd_configs", "dockerswarm_sd_configs", "dns_sd_configs",
    "ec2_sd_configs", "eureka_sd_configs", "gce_sd_configs", "hetzner_sd_configs",
    "ionos_sd_configs", "kubernetes_sd_configs", "kuma_sd_configs", "lightsail_sd_configs",
    "linode_sd_configs", "marathon_sd_configs", "nerve_sd_configs", "nomad_sd_configs",
    "openstack_sd_configs",
    "ovhcloud_sd_configs", "puppetdb_sd_configs", "scaleway_sd_configs", "serverset_sd_configs",
    "stackit_sd_configs", "triton_sd_configs", "uyuni_sd_configs", "vultr_sd_configs",
  ]

  /// - Parameter isFinal: whether no rule makes something else of the addresses.
  private mutating func group(
    _ section: ConfigurationSection, isFinal: Bool
  ) throws(ConfigurationFault) -> TargetGroup {
    var section = section
    let group = TargetGroup(
      addresses: try section.texts("targets") ?? [],
      labels: (try section.pairs("labels") ?? []).map { Label($0.0, $0.1) })
    for address in group.addresses where address.isEmpty || (isFinal && address.contains("/")) {
      throw section.fault("targets", "\"\(address)\" is no host:port")
    }
    try section.finish(&result.notices)
    return group
  }

  /// What targets are asked for; nil where nothing is said of it.
  private func protocols(
    of section: inout ConfigurationSection
  ) throws(ConfigurationFault) -> [ScrapeProtocol]? {
    let wantsHistograms = try section.bool("scrape_native_histograms") ?? false
    guard let names = try section.texts("scrape_protocols") else {
      return wantsHistograms ? [.protobuf] + ScrapeProtocol.standard : nil
    }
    var protocols: [ScrapeProtocol] = []
    for name in names {
      guard let known = ScrapeProtocol(rawValue: name), !protocols.contains(known) else {
        throw section.fault("scrape_protocols", "\(name) is no format, or stands here twice")
      }
      protocols.append(known)
    }
    guard !protocols.isEmpty else { throw section.fault("scrape_protocols", "there are none") }
    return wantsHistograms && !protocols.contains(.protobuf) ? [.protobuf] + protocols : protocols
  }

  // MARK: - What several have

  private mutating func rules(_ sections: [ConfigurationSection]) throws(ConfigurationFault) -> [RelabelRule]
  {
    var rules: [RelabelRule] = []
    for var section in sections {
      let name = try section.text("action")?.lowercased() ?? "replace"
      guard let action = RelabelRule.Action(rawValue: name) else {
        throw section.fault("action", "there is no action \(name)")
      }
      var pattern: Pattern?
      if let text = try section.text("regex") {
        do throws(PatternError) {
          pattern = try Pattern(text)
        } catch {
          throw section.fault("regex", "\(error)")
        }
      }
      let sources = try section.texts("source_labels") ?? []
      let separator = try section.text("separator") ?? ";"
      let modulus = UInt64(try section.count("modulus") ?? 0)
      let target = try section.text("target_label") ?? ""
      let replacement = try section.text("replacement") ?? "$1"
      do throws(RelabelError) {
        rules.append(
          try RelabelRule(
            action: action, sourceLabels: sources, separator: separator, pattern: pattern, modulus: modulus,
            targetLabel: target, replacement: replacement))
      } catch {
        throw section.fault(nil, error.reason)
      }
      try section.finish(&result.notices)
    }
    return rules
  }

  mutating func access(
    of section: inout ConfigurationSection
  ) throws(ConfigurationFault) -> HTTPAccess {
    var access = HTTPAccess()
    if var basic = try section.section("basic_auth") {
      let user = try basic.text("username") ?? ""
      let password = try secret("password", "password_file", of: &basic) ?? .text("")
      access.authorization = .basic(user: user, password: password)
      try basic.finish(unsupported: ["username_file"], &result.notices)
    }
    if var token = try section.section("authorization") {
      let type = try token.text("type") ?? "Bearer"
      if let secret = try secret("credentials", "credentials_file", of: &token) {
        access.authorization = .token(type: type, secret)
      }
      try token.finish(&result.notices)
    }
    if let secret = try secret("bearer_token", "bearer_token_file", of: &section) {
      access.authorization = .token(type: "Bearer", secret)
    }
    access.proxy = try proxy(of: &section)
    if var tls = try section.section("tls_config") {
      access.tls = TLSOptions(
        authoritiesFile: try tls.text("ca_file").map(absolute),
        certificateFile: try tls.text("cert_file").map(absolute),
        privateKeyFile: try tls.text("key_file").map(absolute))
      try tls.finish(
        unsupported: [
          "ca", "cert", "key", "server_name", "insecure_skip_verify", "min_version", "max_version",
        ],
        &result.notices)
    }
    return access
  }

  private mutating func secret(
    _ key: String, _ fileKey: String, of section: inout ConfigurationSection
  ) throws(ConfigurationFault) -> SecretText? {
    if let text = try section.text(key) {
      let fault = section.fault(key, "")
      result.notices.append(
        ConfigurationNotice(
          line: fault.line, path: fault.path,
          message: "a secret in clear text; \(fileKey) keeps it out of here"))
      return .text(text)
    }
    return try section.text(fileKey).map { .file(absolute($0)) }
  }

  func absolute(_ path: String) -> String { path.hasPrefix("/") ? path : "\(folder)/\(path)" }

  // MARK: - Endpoints

  private mutating func read(endpoint section: ConfigurationSection) throws(ConfigurationFault) {
    var section = section
    guard let url = try section.text("url"), !url.isEmpty else { throw section.fault(nil, "it has no url") }
    var endpoint = WriteEndpoint(name: try section.text("name") ?? EndpointName.standard(of: url), url: url)
    guard EndpointName.isValid(endpoint.name) else {
      throw section.fault("name", "a name has letters, digits, dots, dashes and underscores, at most 64")
    }
    guard !result.endpoints.contains(where: { $0.name == endpoint.name }) else {
      throw section.fault("name", "there are two endpoints \(endpoint.name)")
    }
    if let timeout = try section.duration("remote_timeout") { endpoint.timeout = max(timeout, 1) }
    endpoint.rules = try rules(try section.sections("write_relabel_configs"))
    endpoint.access = try access(of: &section)
    for (name, value) in try section.pairs("headers") ?? [] {
      guard !Self.reservedHeaders.contains(name.lowercased()) else {
        throw section.fault("headers", "\(name) is the bridge's own")
      }
      endpoint.access.headers.append(HTTPField(name: name, value: value))
    }
    if let name = try section.text("protobuf_message") {
      guard let message = WriteProtocol(rawValue: name) else {
        let known = WriteProtocol.allCases.map(\.rawValue).joined(separator: " or ")
        throw section.fault("protobuf_message", "it is \(known)")
      }
      endpoint.message = message
    }
    endpoint.sendsExemplars = try section.bool("send_exemplars") ?? false
    endpoint.sendsHistograms = try section.bool("send_native_histograms") ?? false
    if var metadata = try section.section("metadata_config") {
      let interval = try metadata.duration("send_interval") ?? 60_000
      endpoint.metadataInterval = try metadata.bool("send") ?? true ? max(interval, 1) : nil
      // They go with samples, whose number bounds them.
      try metadata.finish(unsupported: ["max_samples_per_send"], &result.notices)
    }
    if let queue = try section.section("queue_config") { endpoint.queue = try self.queue(queue) }
    try section.finish(
      unsupported: [
        "sigv4", "azuread",
        "google_iam", "oauth2", "follow_redirects", "enable_http2",
        "proxy_connect_header", "round_robin_dns",
      ], &result.notices)
    result.endpoints.append(endpoint)
  }

  private static let reservedHeaders: Set = [
    "authorization", "content-encoding", "content-length", "content-type", "host", "retry-attempt",
    "transfer-encoding", "user-agent", "x-prometheus-remote-write-version",
  ]

  private mutating func queue(_ section: ConfigurationSection) throws(ConfigurationFault) -> QueueSettings {
    var section = section
    var queue = QueueSettings()
    if let count = try section.count("max_samples_per_send") {
      guard (1...100_000).contains(count) else {
        throw section.fault("max_samples_per_send", "it is from 1 to 100000")
      }
      queue.samplesPerBatch = count
    }
    try shards(&section, &queue)
    queue.batchDeadline = try section.duration("batch_send_deadline") ?? queue.batchDeadline
    queue.shortestPause = max(try section.duration("min_backoff") ?? queue.shortestPause, 1)
    queue.longestPause = max(try section.duration("max_backoff") ?? queue.longestPause, queue.shortestPause)
    queue.retriesOnTooManyRequests = try section.bool("retry_on_http_429") ?? true
    try section.finish(
      unsupported: ["capacity", "sample_age_limit", "max_retries"],
      &result.notices)
    return queue
  }

  private mutating func shards(
    _ section: inout ConfigurationSection, _ queue: inout QueueSettings
  ) throws(ConfigurationFault) {
    let limit = QueueSettings.shardLimit
    if let count = try section.count("max_shards") {
      guard count > 0 else { throw section.fault("max_shards", "there is at least one") }
      queue.mostShards = min(count, limit)
      if count > limit {
        let place = section.fault("max_shards", "")
        result.notices.append(
          ConfigurationNotice(line: place.line, path: place.path, message: "there are at most \(limit)"))
      }
    }
    if let count = try section.count("min_shards") {
      guard count > 0 else { throw section.fault("min_shards", "there is at least one") }
      guard min(count, limit) <= queue.mostShards else {
        throw section.fault("min_shards", "it is more than max_shards")
      }
      queue.fewestShards = min(count, limit)
    }
  }
}
