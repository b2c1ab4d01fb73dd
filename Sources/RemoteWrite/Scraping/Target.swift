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
    var targets: [Target] = []
    var seen = Set<Target>()
    for group in groups {
      for address in group.addresses {
        guard let target = try Target(address: address, labels: group.labels, job: job) else { continue }
        if seen.insert(target).inserted { targets.append(target) }
      }
    }
    return targets
  }

  /// Nil where the job's rules drop it.
  private init?(address: String, labels: [Label], job: ScrapeJob) throws(ConfigurationFault) {
    var all = SeriesLabels(labels)
    let standard = [
      ("job", job.name), ("__address__", address), ("__scheme__", job.scheme), ("__metrics_path__", job.path),
      ("__scrape_interval__", "\(job.interval)ms"), ("__scrape_timeout__", "\(job.timeout)ms"),
    ]
    for (name, value) in standard where !all.contains(name) { all[name] = value }
    for (name, values) in job.parameters where !all.contains("__param_\(name)") {
      all["__param_\(name)"] = values.first ?? ""
    }
    guard var made = RelabelRule.apply(job.targetRules, to: all) else { return nil }
    func fault(_ reason: String) -> ConfigurationFault {
      ConfigurationFault(line: nil, path: "job \(job.name), target \(address)", reason: reason)
    }
    guard !made["__address__"].isEmpty else { throw fault("no address is left") }
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

  private static func url(_ labels: SeriesLabels, _ job: ScrapeJob) -> String {
    var items: [String] = []
    var names = Set<String>()
    for (name, values) in job.parameters {
      names.insert(name)
      // Rules may change the first value.
      let first = labels["__param_\(name)"]
      let all = (first.isEmpty ? [] : [first]) + values.dropFirst()
      items += all.map { "\(escape(name))=\(escape($0))" }
    }
    for label in labels.labels where label.name.hasPrefix("__param_") {
      let name = String(label.name.dropFirst("__param_".count))
      if !names.contains(name) { items.append("\(escape(name))=\(escape(label.value))") }
    }
    var path = labels["__metrics_path__"]
    if !path.hasPrefix("/") { path = "/" + path }
    let query = items.isEmpty ? "" : (path.contains("?") ? "&" : "?") + items.joined(separator: "&")
    return "\(labels["__scheme__"])://\(labels["__address__"])\(path)\(query)"
  }

  private static func escape(_ text: String) -> String {
    var escaped = ""
    for byte in text.utf8 {
      // A dash, a dot and a tilde beside words.
      let isPlain = ASCII.isWord(byte) || byte == 45 || byte == 46 || byte == 126
      if isPlain {
        escaped.unicodeScalars.append(Unicode.Scalar(byte))
      } else {
        let digits = String(byte, radix: 16, uppercase: true)
        escaped += "%" + (digits.count == 1 ? "0" : "") + digits
      }
    }
    return escaped
  }
}
