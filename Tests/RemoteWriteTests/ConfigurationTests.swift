import HTTPTransport
import OpenMetrics
import Testing

@testable import RemoteWrite

@Suite("A prometheus.yml")
struct ConfigurationTests {
  @Test("what is supported is read, with Prometheus's defaults")
  func complete() throws {
    let configuration = try PrometheusConfiguration(
      yaml: """
        global:
          scrape_interval: 15s
          external_labels: {region: eu, replica: "1"}
        scrape_configs:
          - job_name: node
            scrape_interval: 1m30s
            scrape_timeout: 5s
            metrics_path: /m
            scheme: https
            params: {"name[]": [a, b]}
            honor_labels: true
            honor_timestamps: false
            sample_limit: 100
            body_size_limit: 10MB
            basic_auth: {username: u, password_file: secrets/p}
            tls_config: {ca_file: /ca.pem}
            static_configs:
              - targets: ["a:1", "b:2"]
                labels: {env: test}
            relabel_configs:
              - source_labels: [__address__]
                regex: (.*):\\d+
                target_label: instance
            metric_relabel_configs:
              - action: Drop
                source_labels: [__name__]
                regex: go_.*
          - job_name: plain
        remote_write:
          - url: http://127.0.0.1:9090/api/v1/write
            name: local
            remote_timeout: 10s
            headers: {X-Scope-OrgID: tenant}
            queue_config: {max_samples_per_send: 500, batch_send_deadline: 1s, min_backoff: 10ms, max_backoff: 1s, retry_on_http_429: false, min_shards: 2, max_shards: 5}
            write_relabel_configs: [{regex: tmp_.*, action: labeldrop}]
          - url: http://u:p@other/write?x=1
        """, folder: "/etc/prometheus")
    #expect(configuration.externalLabels == ["region": "eu", "replica": "1"])
    let job = try #require(configuration.jobs.first)
    #expect(job.interval == 90_000 && job.timeout == 5_000 && job.path == "/m" && job.scheme == "https")
    #expect(job.honorLabels && !job.honorTimestamps && job.limits.samples == 100)
    #expect(job.limits.bodyBytes == 10 << 20)
    #expect(job.access.authorization == .basic(user: "u", password: .file("/etc/prometheus/secrets/p")))
    #expect(job.access.tls == TLSOptions(authoritiesFile: "/ca.pem"))
    let targets = try Target.all(of: job, groups: job.groups)
    #expect(
      targets.map(\.url) == [
        "https://a:1/m?name%5B%5D=a&name%5B%5D=b", "https://b:2/m?name%5B%5D=a&name%5B%5D=b",
      ])
    #expect(targets.first?.labels == ["env": "test", "instance": "a", "job": "node"])
    #expect(configuration.jobs[1].interval == 15_000 && configuration.jobs[1].timeout == 10_000)
    let endpoint = try #require(configuration.endpoints.first)
    #expect(endpoint.name == "local" && endpoint.timeout == 10_000 && endpoint.rules.count == 1)
    #expect(endpoint.access.headers == [HTTPField(name: "X-Scope-OrgID", value: "tenant")])
    #expect(endpoint.queue.samplesPerBatch == 500 && endpoint.queue.batchDeadline == 1_000)
    #expect(endpoint.queue.shortestPause == 10 && endpoint.queue.longestPause == 1_000)
    #expect(!endpoint.queue.retriesOnTooManyRequests)
    #expect(endpoint.queue.fewestShards == 2 && endpoint.queue.mostShards == 5)
    #expect(configuration.endpoints[1].shownURL == "http://other/write?x=1")
    #expect(configuration.notices.isEmpty, "\(configuration.notices)")
  }

  @Test("what is not supported is named with its line, and does not keep the rest from running")
  func unsupported() throws {
    let configuration = try PrometheusConfiguration(
      yaml: """
        global: {evaluation_interval: 1m}
        rule_files: [a.yml]
        scrape_configs:
          - job_name: a
            kubernetes_sd_configs: [{role: pod}]
        remote_write:
          - url: http://a/
            sigv4: {}
            queue_config:
              capacity: 1
        """)
    #expect(
      configuration.notices.map(\.path) == [
        "global.evaluation_interval", "scrape_configs[0].kubernetes_sd_configs",
        "remote_write[0].queue_config.capacity",
        "remote_write[0].sigv4", "rule_files",
      ])
    #expect(configuration.notices.map(\.line) == [1, 5, 10, 8, 2])
    #expect(configuration.jobs.count == 1 && configuration.endpoints.count == 1)
  }

  @Test("a secret in clear text is named, and never shown")
  func secrets() throws {
    let configuration = try PrometheusConfiguration(
      yaml: "remote_write: [{url: http://a/, authorization: {credentials: hunter2}}]")
    #expect(configuration.notices.map(\.path) == ["remote_write[0].authorization.credentials"])
    #expect(!"\(configuration)".contains("hunter2"))
    #expect(try configuration.endpoints[0].access.authorization?.header() == "Bearer hunter2")
  }

  @Test(
    "what cannot be is refused with its place",
    arguments: [
      ("globall: {}", "globall"), ("global: {scrape_intervall: 1s}", "scrape_intervall"),
      ("global: {scrape_interval: 1x}", "scrape_interval"), ("scrape_configs: [{}]", "job_name"),
      ("scrape_configs: [{job_name: a}, {job_name: a}]", "two jobs"),
      ("scrape_configs: [{job_name: a, scrape_interval: 1s, scrape_timeout: 2s}]", "scrape_timeout"),
      ("scrape_configs: [{job_name: a, scrape_interval: 0s}]", "scrape_interval"),
      ("scrape_configs: [{job_name: a, scheme: ftp}]", "scheme"),
      ("scrape_configs: [{job_name: a, static_configs: [{targets: [\"http://a\"]}]}]", "host:port"),
      ("scrape_configs: [{job_name: a, relabel_configs: [{action: nope}]}]", "nope"),
      ("scrape_configs: [{job_name: a, relabel_configs: [{regex: \"(\"}]}]", "regex"),
      ("scrape_configs: [{job_name: a, relabel_configs: [{source_labels: [a]}]}]", "target_label"),
      ("remote_write: [{name: a}]", "url"), ("remote_write: [{url: a, name: \"../x\"}]", "name"),
      ("remote_write: [{url: a}, {url: a}]", "two endpoints"),
      ("remote_write: [{url: a, headers: {Content-Encoding: gzip}}]", "headers"),
      ("remote_write: [{url: a, queue_config: {max_samples_per_send: 0}}]", "max_samples_per_send"),
      ("scrape_configs: {}", "scrape_configs"), ("- a", "mapping"), ("a: [", "yaml"),
    ])
  func refused(yaml: String, word: String) {
    do {
      _ = try PrometheusConfiguration(yaml: yaml)
      Issue.record("taken: \(yaml)")
    } catch {
      #expect(word == "yaml" || "\(error)".contains(word), "\(error)")
    }
  }

  @Test(
    "durations",
    arguments: [("0", 0), ("15s", 15_000), ("1h30m", 5_400_000), ("1d", 86_400_000), ("250ms", 250)])
  func durations(text: String, expected: Int64) { #expect(PrometheusDuration.milliseconds(text) == expected) }

  @Test(
    "what is no duration", arguments: ["", "1", "s", "1m1h", "1s1s", "-1s", "1.5s", "99999999999999999999s"])
  func noDurations(text: String) { #expect(PrometheusDuration.milliseconds(text) == nil) }

  @Test("rules may choose scheme, path, parameters and interval, drop a target, and labels with __ are gone")
  func targetRules() throws {
    let configuration = try PrometheusConfiguration(
      yaml: """
        scrape_configs:
          - job_name: a
            scrape_interval: 10s
            params: {module: [x]}
            static_configs: [{targets: ["a:1", "b:1", "c:1"], labels: {__tmp: "1"}}]
            relabel_configs:
              - {source_labels: [__address__], regex: "b:1", action: drop}
              - {source_labels: [__address__], target_label: __param_target}
              - {target_label: __address__, replacement: "proxy:9"}
              - {target_label: __metrics_path__, replacement: "/probe"}
              - {target_label: __scrape_interval__, replacement: "20s"}
        """)
    let targets = try Target.all(of: configuration.jobs[0], groups: configuration.jobs[0].groups)
    #expect(
      targets.map(\.url) == [
        "http://proxy:9/probe?module=x&target=a%3A1", "http://proxy:9/probe?module=x&target=c%3A1",
      ])
    #expect(targets[0].labels == ["instance": "proxy:9", "job": "a"])
    #expect(targets[0].interval == 20_000)
  }

  @Test("targets are spread over the interval, and each keeps its place")
  func schedule() throws {
    let yaml = """
      scrape_configs:
        - job_name: a
          scrape_interval: 10s
          static_configs: [{targets: [\((0..<100).map { "\"host\($0):1\"" }.joined(separator: ", "))]}]
      """
    let job = try PrometheusConfiguration(yaml: yaml).jobs[0]
    let schedules = try Target.all(of: job, groups: job.groups).map(ScrapeSchedule.init)
    #expect(Set(schedules.map { $0.offset / 1_000 }).count >= 8)
    for schedule in schedules {
      let first = schedule.next(after: 1_796_000_000_000)
      #expect(first > 1_796_000_000_000 && first <= 1_796_000_010_000)
      #expect(schedule.next(after: first) == first + 10_000 && schedule.next(after: first - 1) == first)
    }
  }
}
