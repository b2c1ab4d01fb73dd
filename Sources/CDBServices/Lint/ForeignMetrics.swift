/// Metrics of other exporters: accepted as they are, since their declarations are elsewhere.
///
/// docs/03_stacks/lint.md has the same lists; a test holds them together.
enum ForeignMetrics {
  /// Names that Prometheus makes itself.
  static let names: Set = ["up", "ALERTS", "ALERTS_FOR_STATE"]

  /// What the names of other exporters begin with.
  static let prefixes = [
    "alertmanager_", "container_", "go_", "grafana_", "machine_", "net_", "node_", "pg_", "process_",
    "prometheus_",
    "promhttp_", "redis_", "scrape_", "telegraf_",
  ]

  static func contains(_ name: String) -> Bool {
    names.contains(name) || prefixes.contains { name.hasPrefix($0) }
  }
}
