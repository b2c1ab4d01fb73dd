import Foundation
import HTTPTransport

/// Asks a Docker daemon for its containers. What cannot be had or understood leaves those of before.
struct DockerDiscoverer: Sendable {
  let source: DockerDiscovery
  let client: HTTPClient
  let userAgent: String

  func look() async -> DiscoveryLook {
    do throws(TargetGroupText.Fault) {
      let networks = try DockerNetwork.all(try await ask("/networks"))
      let containers = try DockerContainer.all(try await ask("/containers/json" + filter))
      let groups = DockerTargets(source: source, networks: networks).groups(of: containers)
      return DiscoveryLook(groups: groups, pause: source.interval)
    } catch {
      return DiscoveryLook(
        groups: nil, faults: ["\(source.host.withoutUserInformation): \(error)"],
        pause: min(source.interval, HTTPDiscoverer.pauseAfterFault))
    }
  }

  /// As the daemon's API has it: an object of lists, in JSON, as a part of the URL.
  private var filter: String {
    guard !source.filters.isEmpty else { return "" }
    var byName: [String: [String]] = [:]
    for filter in source.filters { byName[filter.name, default: []] += filter.values }
    let encoder = JSONEncoder()
    encoder.outputFormatting = .sortedKeys
    guard let json = try? encoder.encode(byName) else { return "" }
    return "?filters=" + PercentEncoding.escape(String(decoding: json, as: UTF8.self))
  }

  private func ask(_ path: String) async throws(TargetGroupText.Fault) -> [UInt8] {
    var base = source.host
    var socket: String?
    if base.hasPrefix("unix://") {
      socket = String(base.dropFirst("unix://".count))
      base = "http://docker"
    } else if base.hasPrefix("tcp://") {
      base = "http://" + base.dropFirst("tcp://".count)
    }
    while base.hasSuffix("/") { base.removeLast() }
    let response: HTTPResponse
    do {
      let timeout = Duration.milliseconds(min(max(source.interval, 1_000), 30_000))
      response = try await client.send(
        HTTPRequest(
          url: base + path, headers: [("User-Agent", userAgent)] + (try source.access.fields()),
          timeouts: HTTPTimeouts(connect: timeout, total: timeout), maximumResponseBytes: 64 << 20,
          unixSocketPath: socket, proxy: socket == nil ? source.access.proxy : .none))
    } catch {
      throw TargetGroupText.Fault(description: "\(error)")
    }
    guard response.status == 200 else {
      throw TargetGroupText.Fault(
        description: "HTTP status \(response.status) at \(path.prefix { $0 != "?" })")
    }
    return response.body
  }
}
