import CDBPipeline
import CDBDomain
import OpenMetrics
import ServiceRuntime

/// Every metric that the suite can export, from the declarations that the code registers.
public enum SuiteMetrics {
  public static let buildInfo = MetricDescriptor(
    "cdb_build", type: .info, help: "What is running, and with which configuration.",
    labels: ["version", "revision", "config_fingerprint", "profile"], owner: "CDBServices")
  public static let httpRequests = MetricDescriptor(
    "cdb_http_request_seconds", type: .histogram, help: "Time from a request's head to its answer.",
    unit: "seconds", labels: ["route", "method", "status"],
    buckets: [0.0005, 0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5], owner: "CDBServices")

  /// In the order of the catalogue.
  public static var all: [MetricDescriptor] {
    (PipelineMetrics.all + [buildInfo, httpRequests] + LogCollector.descriptors + GateMetrics.all
      + ActivityMetrics.all + BlockMetrics.all + BridgeMetrics.all + ShipperMetrics.all + ProcessMetrics.all
      + ProcessCollector().descriptors
      + SwiftRuntimeCollector().descriptors).sorted {
        $0.name < $1.name
      }
  }
}

extension LogCollector {
  static var descriptors: [MetricDescriptor] { [written, dropped] }
}

extension SuiteMetrics {
  /// Registers what is running and with which configuration.
  static func registerBuildInfo(
    in registry: MetricRegistry, settings: EffectiveConfiguration, configuration: PipelineConfiguration
  ) throws {
    try registerBuildInfo(in: registry, settings: settings, profile: configuration.profile)
  }

  /// The same for a process without a pipeline.
  static func registerBuildInfo(
    in registry: MetricRegistry, settings: EffectiveConfiguration, profile: String
  ) throws {
    try registry.info(buildInfo).set([
      ("version", SuiteVersion.current), ("revision", BuildRevision.current),
      ("config_fingerprint", settings.fingerprint), ("profile", profile),
    ])
  }
}
