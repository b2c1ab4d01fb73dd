import HTTPTransport
import OpenMetrics

/// A target as a job makes it of an address, or as a rule drops it.
public struct Target: Sendable, Hashable {
  /// What is asked, such as `http://127.0.0.1:9100/metrics`.
  public let url: String
  /// Of its series: `job`, `instance` and what groups and rules add.
  public let labels: SeriesLabels
  /// In milliseconds.
  public let interval: Int64
  public let timeout: Int64

  /// The targets of a job's groups, each once.
  ///
  /// - Throws: ``ConfigurationFault`` where a rule makes something that cannot be asked.
  static func all(of job: ScrapeJob, groups: [TargetGroup]) throws(ConfigurationFault) -> [Target] {
    let found = JobTargets(job: job, groups: groups)
    if let fault = found.faults.first { throw fault }
    return found.active.map(\.target)
  }

  /// Makes a target of an address; nil where the job's rules drop it.
  ///
  /// - Parameter labels: those that it was found with, ``discovered(_:_:job:)`` makes them.
  init?(_ labels: SeriesLabels, job: ScrapeJob) throws(ConfigurationFault) {
    guard var made = RelabelRule.apply(job.targetRules, to: labels) else { return nil }
    func fault(_ reason: String) -> ConfigurationFault {
      ConfigurationFault(
        line: nil, path: "job \(job.name), target \(labels["__address__"])", reason: reason)
    }
    guard !made["__address__"].isEmpty else { throw fault("no address is left") }
    guard !made["__address__"].contains("/") else {
      throw fault("\(made["__address__"]) is no host:port")
    }
    guard let interval = PrometheusDuration.milliseconds(made["__scrape_interval__"]), interval > 0,
      let timeout = PrometheusDuration.milliseconds(made["__scrape_timeout__"]), timeout > 0,
      timeout <= interval
    else {
      throw fault("__scrape_interval__ or __scrape_timeout__ is none, or the timeout is the longer one")
    }
    self.interval = interval
    self.timeout = timeout
    url = Self.url(made, job)
    if !made.contains("instance") { made["instance"] = made["__address__"] }
    made.filter { !$0.name.hasPrefix("__") }
    self.labels = made
  }

  /// What rules are applied to: an address with the labels of its group and what the job says.
  static func discovered(_ address: String, _ labels: [Label], job: ScrapeJob) -> SeriesLabels {
    var all = SeriesLabels(labels)
    all["__address__"] = address
    let standard = [
      ("job", job.name), ("__scheme__", job.scheme), ("__metrics_path__", job.path),
      ("__scrape_interval__", "\(job.interval)ms"), ("__scrape_timeout__", "\(job.timeout)ms"),
    ]
    for (name, value) in standard where !all.contains(name) { all[name] = value }
    for (name, values) in job.parameters where !all.contains("__param_\(name)") {
      all["__param_\(name)"] = values.first ?? ""
    }
    return all
  }

  private static func url(_ labels: SeriesLabels, _ job: ScrapeJob) -> String {
    var items: [String] = []
    var names = Set<String>()
    for (name, values) in job.parameters {
      names.insert(name)
      // Rules may change the first value.
      let first = labels["__param_\(name)"]
      let all = (first.isEmpty ? [] : [first]) + values.dropFirst()
      items += all.map { "\(PercentEncoding.escape(name))=\(PercentEncoding.escape($0))" }
    }
    for label in labels.labels where label.name.hasPrefix("__param_") {
      let name = String(label.name.dropFirst("__param_".count))
      if !names.contains(name) {
        items.append("\(PercentEncoding.escape(name))=\(PercentEncoding.escape(label.value))")
      }
    }
    var path = labels["__metrics_path__"]
    if !path.hasPrefix("/") { path = "/" + path }
    let query = items.isEmpty ? "" : (path.contains("?") ? "&" : "?") + items.joined(separator: "&")
    return "\(labels["__scheme__"])://\(labels["__address__"])\(path)\(query)"
  }
}
