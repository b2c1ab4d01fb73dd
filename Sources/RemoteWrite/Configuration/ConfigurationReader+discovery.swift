import HTTPTransport

extension ConfigurationReader {
  /// What a job says of where further targets come from.
  mutating func discoveries(
    of section: inout ConfigurationSection
  ) throws(ConfigurationFault) -> [DiscoverySource] {
    var sources: [DiscoverySource] = []
    for section in try section.sections("file_sd_configs") { sources.append(.file(try file(section))) }
    for section in try section.sections("http_sd_configs") { sources.append(.http(try http(section))) }
    for section in try section.sections("docker_sd_configs") { sources.append(.docker(try docker(section))) }
    return sources
  }

  private mutating func file(_ section: ConfigurationSection) throws(ConfigurationFault) -> FileDiscovery {
    var section = section
    var source = FileDiscovery()
    let patterns = try section.texts("files") ?? []
    guard !patterns.isEmpty else { throw section.fault("files", "there are none") }
    for pattern in patterns {
      let folder = pattern.lastIndex(of: "/").map { pattern[..<$0] } ?? ""
      let stars = pattern.count { $0 == "*" }
      guard [".json", ".yml", ".yaml"].contains(where: pattern.lowercased().hasSuffix), stars <= 1,
        !folder.contains("*")
      else {
        throw section.fault(
          "files",
          "\"\(pattern)\" ends in none of .json, .yml and .yaml, or has a * elsewhere than once in its last part"
        )
      }
      source.patterns.append(absolute(pattern))
    }
    source.interval = try interval(of: &section) ?? source.interval
    try section.finish(&result.notices)
    return source
  }

  private mutating func http(_ section: ConfigurationSection) throws(ConfigurationFault) -> HTTPDiscovery {
    var section = section
    let url = try section.text("url") ?? ""
    guard url.hasPrefix("http://") || url.hasPrefix("https://") else {
      throw section.fault(
        section.has("url") ? "url" : nil, "its url begins with neither http:// nor https://")
    }
    var source = HTTPDiscovery(url: url)
    source.interval = try interval(of: &section) ?? source.interval
    source.access = try access(of: &section)
    try section.finish(unsupported: Self.unsupportedOfClients, &result.notices)
    return source
  }

  private mutating func docker(_ section: ConfigurationSection) throws(ConfigurationFault) -> DockerDiscovery
  {
    var section = section
    let host = try section.text("host") ?? ""
    guard ["unix:///", "tcp://", "http://", "https://"].contains(where: host.hasPrefix) else {
      throw section.fault(
        section.has("host") ? "host" : nil,
        "its host begins with none of unix:///, tcp://, http:// and https://")
    }
    var source = DockerDiscovery(host: host)
    source.port = try section.count("port") ?? source.port
    guard (1...65_535).contains(source.port) else { throw section.fault("port", "it is from 1 to 65535") }
    source.hostNetworkingHost = try section.text("host_networking_host") ?? source.hostNetworkingHost
    source.matchesFirstNetwork = try section.bool("match_first_network") ?? true
    for var filter in try section.sections("filters") {
      let name = try filter.text("name") ?? ""
      source.filters.append(DockerFilter(name: name, values: try filter.texts("values") ?? []))
      guard !name.isEmpty else { throw filter.fault(nil, "it has no name") }
      try filter.finish(&result.notices)
    }
    source.interval = try interval(of: &section) ?? source.interval
    source.access = try access(of: &section)
    try section.finish(unsupported: Self.unsupportedOfClients, &result.notices)
    return source
  }

  private func interval(of section: inout ConfigurationSection) throws(ConfigurationFault) -> Int64? {
    guard let interval = try section.duration("refresh_interval") else { return nil }
    guard interval > 0 else { throw section.fault("refresh_interval", "it must be more than 0") }
    return interval
  }

  /// What Prometheus knows of a client and is not done here.
  static let unsupportedOfClients: Set = [
    "enable_http2", "follow_redirects", "http_headers", "oauth2", "proxy_connect_header",
  ]

  /// What a client says of proxies.
  func proxy(of section: inout ConfigurationSection) throws(ConfigurationFault) -> HTTPProxy {
    let url = try section.text("proxy_url") ?? ""
    let except = try section.text("no_proxy") ?? ""
    guard try section.bool("proxy_from_environment") != true else {
      guard url.isEmpty, except.isEmpty else {
        throw section.fault("proxy_from_environment", "it excludes proxy_url and no_proxy")
      }
      return .environment
    }
    guard !url.isEmpty else {
      guard except.isEmpty else { throw section.fault("no_proxy", "there is no proxy_url") }
      return .none
    }
    guard ["http://", "https://", "socks5://", "socks5h://"].contains(where: url.hasPrefix) else {
      throw section.fault("proxy_url", "it begins with none of http://, https:// and socks5://")
    }
    return .url(url, except: except)
  }
}
