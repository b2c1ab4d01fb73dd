import Foundation
import HTTPServerFixture
import OpenMetrics
import ProgramFixture
import Synchronization
import Testing

@testable import RemoteWrite

@Suite("Lists of targets")
struct TargetGroupTests {
  private static let groups = [
    TargetGroup(addresses: ["a:1", "b:2"], labels: [Label("zone", "x")]), TargetGroup(addresses: ["c:3"]),
  ]

  @Test("are read from JSON and from YAML")
  func formats() throws {
    let json = #"[{"targets": ["a:1", "b:2"], "labels": {"zone": "x"}}, {"targets": ["c:3"]}]"#
    let yaml = "- targets: [a:1, 'b:2']\n  labels: {zone: x}\n- targets:\n    - c:3\n"
    #expect(try TargetGroupText.json(Array(json.utf8)) == Self.groups)
    #expect(try TargetGroupText.yaml(Array(yaml.utf8)) == Self.groups)
    #expect(try TargetGroupText.json(Array("[]".utf8)) == [] && TargetGroupText.yaml([]) == [])
  }

  @Test(
    "that are none say where",
    arguments: [
      (#"[{"targets": ["a:1"], "lables": {}}]"#, "lables"), (#"{"targets": []}"#, "Array"),
      (#"[{"targets": "a:1"}]"#, "[0].targets"),
      (#"[{"targets": ["a:1"], "labels": {"x": 1}}]"#, "[0].labels.x"),
      (#"[{"labels": {}}]"#, "targets"), (#"[{"targets": [""]}]"#, "[0].targets"),
      (#"[{"targets": ["a:1"], "labels": {"a-b": "x"}}]"#, "a-b"), (#"[{"targets": ["a:1"]"#, ""),
      ("", ""), ("[1", ""),
    ])
  func faults(text: String, words: String) {
    let error = #expect(throws: TargetGroupText.Fault.self) { try TargetGroupText.json(Array(text.utf8)) }
    #expect(words.isEmpty || error?.description.contains(words) == true, "\(error?.description ?? "")")
  }

  @Test("in YAML that are none say where, and aliases do not make much of little")
  func yamlFaults() {
    for (text, words) in [
      ("a: b", "list"), ("- targets: [a:1]\n  label: {}", "[0].label"), ("- targets: {a: b}", "[0].targets"),
      ("- [", ""), ("- targets: [a:1]\n  labels: {1a: b}", "1a"),
    ] {
      let error = #expect(throws: TargetGroupText.Fault.self) { try TargetGroupText.yaml(Array(text.utf8)) }
      #expect(words.isEmpty || error?.description.contains(words) == true, "\(error?.description ?? "")")
    }
    let addresses = (0..<2_000).map { "a:\($0)" }.joined(separator: ", ")
    let bomb = "- &g {targets: [\(addresses)]}\n" + String(repeating: "- *g\n", count: 2_000)
    #expect(throws: TargetGroupText.Fault.self) { try TargetGroupText.yaml(Array(bomb.utf8)) }
    #expect(throws: TargetGroupText.Fault.self) { try TargetGroupText.yaml([0x2d, 0x20, 0xff]) }
  }
}

@Suite("Files with targets")
struct FileDiscoveryTests {
  private static func write(_ text: String, _ path: String) throws {
    try Data(text.utf8).write(to: URL(filePath: path), options: .atomic)
  }

  private static func addresses(_ look: DiscoveryLook) -> [String] {
    (look.groups ?? []).flatMap(\.addresses)
  }

  @Test("are read again when they change, and come and go with their targets")
  func changes() async throws {
    try await withTemporaryDirectory { folder in
      var files = FileDiscoverer(FileDiscovery(patterns: [folder + "/*.json", folder + "/more.yml"]))
      #expect(files.look(now: 0) == DiscoveryLook(groups: [], pause: 1_000))
      try Self.write(#"[{"targets": ["a:1"]}]"#, folder + "/a.json")
      try Self.write("- targets: [b:1]", folder + "/more.yml")
      let first = files.look(now: 1_000)
      #expect(Self.addresses(first) == ["a:1", "b:1"])
      #expect(first.groups?.first?.labels == [Label("__meta_filepath", folder + "/a.json")])
      try Self.write(#"[{"targets": ["a:1", "a:2"]}]"#, folder + "/a.json")
      #expect(Self.addresses(files.look(now: 2_000)) == ["a:1", "a:2", "b:1"])
      try FileManager.default.removeItem(atPath: folder + "/more.yml")
      #expect(Self.addresses(files.look(now: 3_000)) == ["a:1", "a:2"])
    }
  }

  @Test("that are broken keep what they said last, with the fault's name, until they are whole")
  func broken() async throws {
    try await withTemporaryDirectory { folder in
      let path = folder + "/a.json"
      var files = FileDiscoverer(FileDiscovery(patterns: [path]))
      try Self.write(#"[{"targets": ["a:1"]}]"#, path)
      #expect(files.look(now: 0).faults == [])
      try Self.write(#"[{"targets": ["#, path)
      let look = files.look(now: 1_000)
      #expect(Self.addresses(look) == ["a:1"])
      #expect(look.faults.count == 1 && look.faults[0].hasPrefix(path + ": "))
      #expect(files.look(now: 2_000) == look)
      try Self.write(#"[{"targets": ["b:1"]}]"#, path)
      let whole = files.look(now: 3_000)
      #expect(Self.addresses(whole) == ["b:1"] && whole.faults == [])
    }
  }
}

@Suite("Docker's containers")
struct DockerDiscoveryTests {
  private static let networks = """
    [{"Id": "n1", "Name": "bridge", "Scope": "local", "Internal": false, "Ingress": false, "Labels": {"x.y": "z"}},
     {"Id": "n2", "Name": "other"}]
    """
  private static let containers = """
    [{"Id": "c1", "Names": ["/web"], "Labels": {"com.docker.job": "web"}, "HostConfig": {"NetworkMode": "bridge"},
      "Ports": [{"IP": "0.0.0.0", "PrivatePort": 80, "PublicPort": 8080, "Type": "tcp"}, {"PrivatePort": 53, "Type": "udp"}],
      "NetworkSettings": {"Networks": {"bridge": {"IPAddress": "172.17.0.2", "NetworkID": "n1"},
        "other": {"IPAddress": "172.18.0.2", "NetworkID": "n2"}}}},
     {"Id": "c2", "Names": ["/host"], "HostConfig": {"NetworkMode": "host"}, "Ports": [],
      "NetworkSettings": {"Networks": {"host": {"IPAddress": "", "NetworkID": "n3"}}}},
     {"Id": "c3", "Names": ["/side"], "HostConfig": {"NetworkMode": "container:c1"}},
     {"Id": "c4"}]
    """

  private static func groups(_ change: (inout DockerDiscovery) -> Void = { _ in }) throws -> [TargetGroup] {
    var source = DockerDiscovery(host: "unix:///var/run/docker.sock")
    change(&source)
    let networks = try DockerNetwork.all(Array(networks.utf8))
    return DockerTargets(source: source, networks: networks)
      .groups(of: try DockerContainer.all(Array(containers.utf8)))
  }

  @Test("are targets by network and port, with Prometheus's labels")
  func labels() throws {
    let groups = try Self.groups()
    #expect(groups.map(\.addresses) == [["172.17.0.2:80"], ["localhost"], ["172.17.0.2:80"]])
    let labels = SeriesLabels(groups[0].labels)
    #expect(
      labels == [
        "__meta_docker_container_id": "c1", "__meta_docker_container_name": "/web",
        "__meta_docker_container_network_mode": "bridge",
        "__meta_docker_container_label_com_docker_job": "web",
        "__meta_docker_network_ip": "172.17.0.2", "__meta_docker_network_id": "n1",
        "__meta_docker_network_name": "bridge", "__meta_docker_network_scope": "local",
        "__meta_docker_network_internal": "false", "__meta_docker_network_ingress": "false",
        "__meta_docker_network_label_x_y": "z", "__meta_docker_port_private": "80",
        "__meta_docker_port_public": "8080", "__meta_docker_port_public_ip": "0.0.0.0",
      ])
  }

  @Test("have a target for each network where that is asked for")
  func allNetworks() throws {
    let groups = try Self.groups {
      $0.matchesFirstNetwork = false
      $0.hostNetworkingHost = "h"
      $0.port = 99
    }
    #expect(
      groups.map(\.addresses) == [
        ["172.17.0.2:80"], ["172.18.0.2:80"], ["h"], ["172.17.0.2:99"], ["172.18.0.2:99"],
      ])
  }

  @Test("are asked for by filters, and what cannot be had leaves those of before")
  func asking() async throws {
    let lines = Mutex<[String]>([])
    let isDown = Atomic(false)
    let target = try CountingTarget()
    let port = target.address.split(separator: ":")[1]
    let daemon = try HTTPServer { request in
      lines.withLock { $0.append(request.line) }
      if isDown.load(ordering: .relaxed) { return .status(500) }
      if request.line.hasPrefix("GET /networks") { return .text("[]", type: "application/json") }
      return .text(
        """
        [{"Id": "c1", "Names": ["/web"], "Ports": [{"PrivatePort": \(port), "Type": "tcp"}],
          "NetworkSettings": {"Networks": {"n": {"IPAddress": "127.0.0.1"}}}}]
        """, type: "application/json")
    }
    let receiver = try Receiver()
    defer {
      target.stop()
      daemon.stop()
      receiver.stop()
    }
    let text = bridgeYAML(
      [], [receiver.url], interval: "300ms",
      job: """
            docker_sd_configs:
              - host: tcp://127.0.0.1:\(daemon.port)
                refresh_interval: 100ms
                filters: [{name: label, values: [a=b]}]
            relabel_configs: [{source_labels: [__meta_docker_container_name], target_label: container, regex: /(.*)}]

        """)
    try await withTemporaryDirectory { folder in
      try await withBridge(text, in: folder) { bridge in
        _ = try await eventually("a scrape") {
          receiver.samples("scrapes_total", ["container": "web"]).isEmpty ? nil : true
        }
        isDown.store(true, ordering: .relaxed)
        let search = try await eventually("the daemon is away") {
          bridge.statistics.searches.first { $0.failures > 0 }
        }
        #expect(search.addresses == 1 && search.faults[0].contains("HTTP status 500"))
        let before = target.scrapes
        _ = try await eventually("it is scraped all the same") { target.scrapes > before + 2 ? true : nil }
      }
    }
    #expect(
      lines.withLock {
        $0.contains("GET /containers/json?filters=%7B%22label%22%3A%5B%22a%3Db%22%5D%7D HTTP/1.1")
      })
    #expect(receiver.faults == [])
  }
}

@Suite("Targets that come and go", .serialized)
struct ComingAndGoingTests {
  private static func list(_ addresses: [String], _ labels: String = "") -> String {
    "[{\"targets\": [\(addresses.map { "\"\($0)\"" }.joined(separator: ", "))], \"labels\": {\(labels)}}]"
  }

  @Test("a file's targets are scraped while they are there, and their series end with them")
  func files() async throws {
    try await withTargets(3) { targets, receiver, folder in
      let path = folder + "/targets.json"
      @Sendable func write(_ text: String) throws {
        try Data(text.utf8).write(to: URL(filePath: path), options: .atomic)
      }
      try write(Self.list([targets[0].address], #""__meta_zone": "x""#))
      let text = bridgeYAML(
        [targets[2].address], [receiver.url], interval: "300ms",
        job: """
              file_sd_configs: [{files: ["\(folder)/*.json"], refresh_interval: 100ms}]
              relabel_configs: [{source_labels: [__meta_zone], target_label: zone}]

          """)
      try await withBridge(text, in: folder + "/data") { bridge in
        _ = try await eventually("the first one") {
          receiver.samples("scrapes_total", ["instance": targets[0].address, "zone": "x"]).count > 2
            ? true : nil
        }
        try write(Self.list([targets[1].address]))
        _ = try await eventually("the second one") {
          receiver.samples("scrapes_total", ["instance": targets[1].address]).count > 2 ? true : nil
        }
        #expect(
          bridge.statistics.targets.map(\.labels).map { $0["instance"] }
            == [targets[2], targets[1]].map(\.address))
        #expect(bridge.statistics.departed.map(\.job) == ["j"])
        #expect(bridge.statistics.departed[0].scrapes > 2)
        // What cannot be read changes nothing.
        try write("[{")
        _ = try await eventually("a fault") { bridge.statistics.searches[0].faults.first }
        let scrapes = targets[1].scrapes
        _ = try await eventually("it goes on") { targets[1].scrapes > scrapes + 2 ? true : nil }
      }
      for name in ["scrapes_total", "steady"] + ReportSeries.names {
        let samples = receiver.samples(name, ["instance": targets[0].address])
        #expect(samples.last?.bits == SampleValue.stale, "\(name)")
        #expect(samples.dropLast().allSatisfy { $0.bits != SampleValue.stale }, "\(name)")
      }
      for target in targets[1...] {
        let samples = receiver.samples("scrapes_total", ["instance": target.address])
        #expect(samples.map(\.value) == (1...samples.count).map(Double.init))
      }
      #expect(receiver.faults == [])
    }
  }

  @Test("a URL's targets are asked for as Prometheus does, and stay while it is away")
  func http() async throws {
    let target = try CountingTarget()
    let requests = Mutex<[HTTPServer.Request]>([])
    let answer = Mutex(HTTPServer.Answer.text(Self.list([target.address]), type: "application/json"))
    let lists = try HTTPServer { request in
      requests.withLock { $0.append(request) }
      return answer.withLock { $0 }
    }
    let receiver = try Receiver()
    defer {
      target.stop()
      lists.stop()
      receiver.stop()
    }
    let text = bridgeYAML(
      [], [receiver.url], interval: "300ms",
      job: """
            http_sd_configs:
              - {url: "http://u:p@127.0.0.1:\(lists.port)/t", refresh_interval: 100ms, authorization: {credentials: secret}}
            relabel_configs: [{source_labels: [__meta_url], target_label: found}]

        """)
    try await withTemporaryDirectory { folder in
      try await withBridge(text, in: folder) { bridge in
        _ = try await eventually("a scrape") {
          receiver.samples("scrapes_total", ["found": "http://127.0.0.1:\(lists.port)/t"]).count > 1
            ? true : nil
        }
        for (wrong, words) in [
          (HTTPServer.Answer.status(503), "HTTP status 503"),
          (.text("[]", type: "text/html"), "Content-Type"),
          (.text("[{", type: "application/json"), ""), (.text("[1]", type: "application/json"), "[0]"),
        ] {
          answer.withLock { $0 = wrong }
          _ = try await eventually("\(words) is named") {
            let faults = bridge.statistics.searches[0].faults
            return faults.count == 1 && (words.isEmpty || faults[0].contains(words)) ? true : nil
          }
        }
        let before = target.scrapes
        _ = try await eventually("it goes on") { target.scrapes > before + 2 ? true : nil }
        answer.withLock { $0 = .text("[]", type: "application/json; charset=utf-8") }
        _ = try await eventually("it is gone") { bridge.statistics.targets.isEmpty ? true : nil }
      }
    }
    let request = try #require(requests.withLock { $0.first })
    #expect(request.line == "GET /t HTTP/1.1" && request.headers["authorization"] == "Bearer secret")
    #expect(request.headers["x-prometheus-refresh-interval-seconds"] == "0.1")
    #expect(receiver.samples("scrapes_total").last?.bits == SampleValue.stale)
    #expect(receiver.faults == [])
  }

  @Test("what a rule makes of one address costs the others nothing, and more than the limit costs all")
  func faults() async throws {
    try await withTarget { target, receiver, folder in
      let path = folder + "/t.yml"
      try Data("- targets: [\"\(target.address)\", a/b, drop:1]".utf8).write(to: URL(filePath: path))
      let text = bridgeYAML(
        [], [receiver.url], interval: "300ms",
        job: """
              target_limit: 1
              file_sd_configs: [{files: [t.yml]}]
              relabel_configs: [{source_labels: [__address__], regex: "drop.*", action: drop}]

          """)
      let configuration = try PrometheusConfiguration(yaml: text, folder: folder)
      let bridge = try Bridge(
        configuration: configuration, options: BridgeOptions(directory: folder + "/data"), logger: silent)
      async let running: Void = bridge.run()
      _ = try await eventually("a scrape") { target.scrapes > 0 ? true : nil }
      #expect(bridge.statistics.targetFaults.map(\.reason) == ["a/b is no host:port"])
      #expect(bridge.statistics.dropped.map { $0.discovered["__address__"] } == ["drop:1"])
      try Data("- targets: [\"\(target.address)\", b:1]".utf8).write(
        to: URL(filePath: path), options: .atomic)
      _ = try await eventually("none is left") { bridge.statistics.targets.isEmpty ? true : nil }
      #expect(bridge.statistics.targetFaults.map(\.reason) == ["2 targets, and target_limit is 1"])
      bridge.stop()
      await running
    }
  }
}
