import Foundation
import OpenMetrics

/// A container as Docker's API lists it; what is not needed is left out.
struct DockerContainer: Decodable, Sendable {
  struct Port: Decodable, Sendable {
    var ip: String?
    var privatePort: Int
    var publicPort: Int?
    var type: String

    enum CodingKeys: String, CodingKey {
      case ip = "IP"
      case privatePort = "PrivatePort"
      case publicPort = "PublicPort"
      case type = "Type"
    }
  }

  struct Host: Decodable, Sendable {
    var networkMode: String?

    enum CodingKeys: String, CodingKey {
      case networkMode = "NetworkMode"
    }
  }

  struct Endpoint: Decodable, Sendable {
    var address: String?
    var network: String?

    enum CodingKeys: String, CodingKey {
      case address = "IPAddress"
      case network = "NetworkID"
    }
  }

  struct Settings: Decodable, Sendable {
    var networks: [String: Endpoint]?

    enum CodingKeys: String, CodingKey {
      case networks = "Networks"
    }
  }

  var id: String
  var names: [String]?
  var labels: [String: String]?
  var ports: [Port]?
  var host: Host?
  var settings: Settings?

  enum CodingKeys: String, CodingKey {
    case id = "Id"
    case names = "Names"
    case labels = "Labels"
    case ports = "Ports"
    case host = "HostConfig"
    case settings = "NetworkSettings"
  }

  static func all(_ bytes: [UInt8]) throws(TargetGroupText.Fault) -> [DockerContainer] {
    do {
      return try JSONDecoder().decode([DockerContainer].self, from: Data(bytes))
    } catch {
      throw TargetGroupText.Fault(description: "its list of containers is not as Docker's is")
    }
  }
}

/// A network as Docker's API lists it.
struct DockerNetwork: Decodable, Sendable {
  var id: String
  var name: String
  var scope: String?
  var isInternal: Bool?
  var isIngress: Bool?
  var ownLabels: [String: String]?

  enum CodingKeys: String, CodingKey {
    case id = "Id"
    case name = "Name"
    case scope = "Scope"
    case isInternal = "Internal"
    case isIngress = "Ingress"
    case ownLabels = "Labels"
  }

  static func all(_ bytes: [UInt8]) throws(TargetGroupText.Fault) -> [DockerNetwork] {
    do {
      return try JSONDecoder().decode([DockerNetwork].self, from: Data(bytes))
    } catch {
      throw TargetGroupText.Fault(description: "its list of networks is not as Docker's is")
    }
  }

  var labels: [Label] {
    [
      Label("__meta_docker_network_id", id), Label("__meta_docker_network_name", name),
      Label("__meta_docker_network_internal", "\(isInternal ?? false)"),
      Label("__meta_docker_network_ingress", "\(isIngress ?? false)"),
      Label("__meta_docker_network_scope", scope ?? ""),
    ] + DockerTargets.labels("__meta_docker_network_label_", ownLabels)
  }
}

/// Makes targets of containers: one for each network and each port over TCP, or of each network where there is no such port.
struct DockerTargets {
  let source: DockerDiscovery
  let networks: [DockerNetwork]

  func groups(of containers: [DockerContainer]) -> [TargetGroup] {
    let labels = Dictionary(networks.map { ($0.id, $0.labels) }) { $1 }
    let byID = Dictionary(containers.map { ($0.id, $0) }) { $1 }
    return containers.flatMap { groups(of: $0, byID, labels) }
  }

  private func groups(
    of container: DockerContainer, _ byID: [String: DockerContainer], _ networkLabels: [String: [Label]]
  ) -> [TargetGroup] {
    guard let name = container.names?.first else { return [] }
    let mode = container.host?.networkMode ?? ""
    let common =
      [
        Label("__meta_docker_container_id", container.id), Label("__meta_docker_container_name", name),
        Label("__meta_docker_container_network_mode", mode),
      ] + Self.labels("__meta_docker_container_label_", container.labels)
    var groups: [TargetGroup] = []
    for endpoint in endpoints(of: container, mode, byID) {
      let address = endpoint.address ?? ""
      let network =
        [Label("__meta_docker_network_ip", address)] + (networkLabels[endpoint.network ?? ""] ?? [])
      let ports = (container.ports ?? []).filter { $0.type == "tcp" }
      for port in ports {
        var labels = common + network
        labels.append(Label("__meta_docker_port_private", "\(port.privatePort)"))
        if let published = port.publicPort, published > 0 {
          labels.append(Label("__meta_docker_port_public", "\(published)"))
          labels.append(Label("__meta_docker_port_public_ip", port.ip ?? ""))
        }
        groups.append(TargetGroup(addresses: [Self.join(address, port.privatePort)], labels: labels))
      }
      if ports.isEmpty {
        let only = mode == "host" ? source.hostNetworkingHost : Self.join(address, source.port)
        groups.append(TargetGroup(addresses: [only], labels: common + network))
      }
    }
    return groups
  }

  private func endpoints(
    of container: DockerContainer, _ mode: String, _ byID: [String: DockerContainer]
  ) -> [DockerContainer.Endpoint] {
    // One that shares another's network has none of its own.
    let owner = mode.hasPrefix("container:") ? byID[String(mode.dropFirst("container:".count))] : container
    let sorted = (owner?.settings?.networks ?? [:]).sorted { $0.key < $1.key }.map(\.value)
    return source.matchesFirstNetwork ? Array(sorted.prefix(1)) : sorted
  }

  static func labels(_ prefix: String, _ labels: [String: String]?) -> [Label] {
    (labels ?? [:]).sorted { $0.key < $1.key }.map { Label(prefix + sanitized($0.key), $0.value) }
  }

  /// What cannot stand in a label's name becomes an underscore.
  private static func sanitized(_ name: String) -> String {
    String(name.map { $0.isASCII && ($0.isLetter || $0.isNumber || $0 == "_") ? $0 : "_" })
  }

  private static func join(_ host: String, _ port: Int) -> String {
    host.contains(":") ? "[\(host)]:\(port)" : "\(host):\(port)"
  }
}
