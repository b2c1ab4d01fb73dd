import Foundation
import Glibc

/// A program that scrapes and sends, as a process of its own.
struct Sender {
  let name: String
  /// The program, and its arguments for a folder of its own and a port to listen on.
  let program: String
  let arguments: @Sendable (_ folder: String, _ port: UInt16) -> [String]
  /// What its configuration says of the receiver beside the URL.
  var endpoint = ""

  struct Failed: Error, CustomStringConvertible { var description: String }

  var isInstalled: Bool { FileManager.default.isExecutableFile(atPath: program) }

  static func bridge(_ program: String, _ name: String, endpoint: String = "") -> Sender {
    Sender(
      name: name, program: program,
      arguments: {
        [
          "bridge", "--config", "\($0)/prometheus.yml", "--data-dir", "\($0)/data", "--listen",
          "127.0.0.1:\($1)",
        ]
      }, endpoint: endpoint)
  }

  static let vmagent = Sender(
    name: "vmagent", program: "/usr/bin/vmagent",
    arguments: { folder, port in
      [
        "-promscrape.config=\(folder)/prometheus.yml", "-remoteWrite.tmpDataPath=\(folder)/data",
        "-httpListenAddr=127.0.0.1:\(port)",
      ]
    })

  static let prometheus = Sender(
    name: "Prometheus, agent", program: "/usr/bin/prometheus",
    arguments: { folder, port in
      [
        "--enable-feature=agent", "--config.file=\(folder)/prometheus.yml",
        "--storage.agent.path=\(folder)/data",
        "--web.listen-address=127.0.0.1:\(port)",
      ]
    })

  /// The command line of vmagent has the receiver; the others read it in their configuration.
  private func configuration(_ targets: [String], _ url: String) -> String {
    let addresses = targets.map { "\"\($0)\"" }.joined(separator: ", ")
    var text = """
      global: {scrape_interval: 1s, scrape_timeout: 1s}
      scrape_configs:
        - job_name: bench
          static_configs: [{targets: [\(addresses)]}]

      """
    if program != Self.vmagent.program { text += "remote_write: [{url: \"\(url)\"\(endpoint)}]\n" }
    return text
  }

  func start(_ targets: [String], _ url: String, in folder: String, port: UInt16) throws -> Process {
    try configuration(targets, url).write(
      toFile: folder + "/prometheus.yml", atomically: false, encoding: .utf8)
    let process = Process()
    process.executableURL = URL(filePath: program)
    process.arguments =
      arguments(folder, port) + (program == Self.vmagent.program ? ["-remoteWrite.url=\(url)"] : [])
    process.currentDirectoryURL = URL(filePath: folder)
    try Data().write(to: URL(filePath: folder + "/words"))
    let words = try FileHandle(forWritingTo: URL(filePath: folder + "/words"))
    process.standardOutput = words
    process.standardError = words
    try process.run()
    return process
  }

  /// CPU time of a process so far in seconds, its peak of resident memory in MiB, and what it has in files' pages of that.
  static func usage(of process: Process) throws -> (cpu: Double, peak: Double) {
    let folder = "/proc/\(process.processIdentifier)"
    let words = try String(contentsOfFile: folder + "/stat", encoding: .utf8)
    // Behind the name, which may hold anything: the state, and from there on the twelfth and thirteenth field.
    let fields = words.split(separator: ")").last?.split(separator: " ") ?? []
    guard fields.count > 12, let user = Double(fields[11]), let system = Double(fields[12]) else {
      throw Failed(description: "\(folder)/stat: \(words)")
    }
    let status = try String(contentsOfFile: folder + "/status", encoding: .utf8)
    let line = status.split(separator: "\n").first { $0.hasPrefix("VmHWM:") }
    let peak = line.flatMap { Double($0.filter(\.isNumber)) } ?? .nan
    return ((user + system) / Double(sysconf(CInt(_SC_CLK_TCK))), peak / 1_024)
  }
}
