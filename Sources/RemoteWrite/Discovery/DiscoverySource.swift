/// Where a job's targets come from, beside its `static_configs`.
public enum DiscoverySource: Sendable, Equatable {
  case file(FileDiscovery)
  case http(HTTPDiscovery)
  case docker(DockerDiscovery)

  /// For a metric's label.
  public var mechanism: String {
    switch self {
    case .file: "file"
    case .http: "http"
    case .docker: "docker"
    }
  }

  /// For a person: what is looked at.
  public var place: String {
    switch self {
    case .file(let source): source.patterns.joined(separator: ", ")
    case .http(let source): source.url.withoutUserInformation
    case .docker(let source): source.host.withoutUserInformation
    }
  }
}

/// An entry of `file_sd_configs`: files with lists of target groups, in JSON or YAML.
///
/// Source: prometheus.io/docs/prometheus/latest/configuration/configuration/#file_sd_config
public struct FileDiscovery: Sendable, Equatable {
  /// Paths whose last part may hold one `*`.
  public internal(set) var patterns: [String] = []
  /// In milliseconds: files are read again then, whether they look changed or not.
  public internal(set) var interval: Int64 = 300_000
}

/// An entry of `http_sd_configs`: a list of target groups at a URL, in JSON.
///
/// Source: prometheus.io/docs/prometheus/latest/http_sd
public struct HTTPDiscovery: Sendable, Equatable {
  public internal(set) var url: String
  /// In milliseconds.
  public internal(set) var interval: Int64 = 60_000
  public internal(set) var access = HTTPAccess()
}

/// An entry of `docker_sd_configs`: the containers that a Docker daemon runs.
///
/// Source: prometheus.io/docs/prometheus/latest/configuration/configuration/#docker_sd_config
public struct DockerDiscovery: Sendable, Equatable {
  /// `unix://` and a path, `tcp://`, `http://` or `https://` and a host.
  public internal(set) var host: String
  /// Of containers that publish no port over TCP.
  public internal(set) var port = 80
  /// The address of containers that have the host's network.
  public internal(set) var hostNetworkingHost = "localhost"
  /// Whether of a container's networks only the first by name is taken.
  public internal(set) var matchesFirstNetwork = true
  /// Of the daemon's own kinds, such as `label` or `status`.
  public internal(set) var filters: [DockerFilter] = []
  /// In milliseconds.
  public internal(set) var interval: Int64 = 60_000
  public internal(set) var access = HTTPAccess()
}

/// What containers are asked for by.
public struct DockerFilter: Sendable, Equatable {
  public var name: String
  public var values: [String]
}
