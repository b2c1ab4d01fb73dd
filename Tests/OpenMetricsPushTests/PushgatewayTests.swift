import HTTPTransport
import OpenMetrics
import Testing

@testable import OpenMetricsPush

@Suite("Pushing: what is refused before anything is sent")
struct PushgatewayTests {
  @Test(
    "the URL is one of a host",
    arguments: [
      "", "localhost:9091", "ftp://localhost", "http://", "http:///metrics", "http://user:word@localhost",
      "http://localhost?a", "http://localhost#a", "http://local host", "http://localhost/\r\nX: y",
    ])
  func invalidURL(url: String) {
    #expect {
      try Pushgateway(url: url, job: "a")
    } throws: {
      if case PushError.invalidURL = $0 { true } else { false }
    }
  }

  @Test(
    "a path in front and slashes at the end are kept out of the way",
    arguments: [
      ("http://localhost:9091", "http://localhost:9091/metrics/job/a"),
      ("http://localhost:9091///", "http://localhost:9091/metrics/job/a"),
      ("HTTPS://example.org/push/", "HTTPS://example.org/push/metrics/job/a"),
    ])
  func url(base: String, url: String) throws {
    #expect(try Pushgateway(url: base, job: "a").url == url)
  }

  @Test("a point with a time, and a label of the grouping key, are refused with their family")
  func refusedFamilies() async throws {
    // Nobody listens there, and nobody is asked.
    let gateway = try Pushgateway(url: "http://127.0.0.1:1", job: "a", grouping: ["zone": "eu"])
    let timed = Metric(.gauge(1), timestamp: MetricTimestamp(seconds: 1))
    await #expect(throws: PushError.timestamp(family: "timed")) {
      try await gateway.push([MetricFamily(name: "timed", type: .gauge, metrics: [timed])])
    }
    for label in ["job", "zone"] {
      let metric = Metric(labels: LabelSet([(label, "x")]), .gauge(1))
      await #expect(throws: PushError.labelOfGroupingKey(family: "own", label: label)) {
        try await gateway.pushAdd([MetricFamily(name: "own", type: .gauge, metrics: [metric])])
      }
    }
    let info = Metric(.info(["zone": "us"]))
    await #expect(throws: PushError.labelOfGroupingKey(family: "build", label: "zone")) {
      try await gateway.push([MetricFamily(name: "build", type: .info, metrics: [info])])
    }
  }

  @Test("credentials are sent, and never shown")
  func credentials() throws {
    let credentials = try BasicCredentials(user: "Aladdin", password: "open sesame")
    #expect(credentials.authorization == "Basic QWxhZGRpbjpvcGVuIHNlc2FtZQ==")
    var gateway = try Pushgateway(url: "http://localhost", job: "a")
    gateway.credentials = credentials
    var dumped = ""
    dump(gateway, to: &dumped)
    for shown in [
      "\(credentials)", String(reflecting: credentials), "\(gateway)", String(reflecting: gateway), dumped,
    ] {
      #expect(shown.contains("Aladdin"))
      #expect(!shown.contains("sesame") && !shown.contains("QWxhZGRpbjpvcGVu"))
    }
  }

  @Test(
    "credentials that a header cannot carry are refused",
    arguments: [("a:b", "c"), ("a\n", "c"), ("a", "c\r\n")])
  func invalidCredentials(user: String, password: String) {
    #expect {
      try BasicCredentials(user: user, password: password)
    } throws: {
      if case PushError.invalidCredentials = $0 { true } else { false }
    }
  }

  @Test(
    "who may try again is told",
    arguments: [
      (PushError.transport(.timedOut("")), true), (.transport(.tls("")), false),
      (.refused(status: 503, answer: ""), true), (.refused(status: 429, answer: ""), true),
      (.refused(status: 400, answer: ""), false), (.timestamp(family: "a"), false),
    ])
  func transient(error: PushError, isTransient: Bool) {
    #expect(error.isTransient == isTransient)
  }
}
