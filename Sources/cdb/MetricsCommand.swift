import ArgumentParser
import CDBServices
import Foundation

struct MetricsCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "metrics", abstract: "Checks expositions; lists the metrics that the suite exports.",
    subcommands: [Check.self, Catalog.self])

  struct Check: ParsableCommand {
    static let configuration = CommandConfiguration(
      abstract:
        "Exit code 0 if the exposition is allowed by its specification, 1 with line and reason if not.",
      discussion: """
        EXAMPLES
          curl -s -H 'Accept: application/openmetrics-text' localhost:8000/metrics | cdb metrics check
          cdb metrics check --format text metrics.txt
        """)

    @Option(help: "openmetrics or text (Prometheus 0.0.4).")
    var format: ExpositionCheck.Format = .openmetrics
    @Argument(help: "A file; standard input where it is missing.")
    var file: String?

    func run() throws {
      let bytes: [UInt8]
      do {
        let handle = try file.map { try FileHandle(forReadingFrom: URL(filePath: $0)) } ?? .standardInput
        bytes = Array(try handle.readToEnd() ?? Data())
      } catch {
        throw ValidationError("cannot read \(file ?? "standard input")")
      }
      let result = ExpositionCheck.check(bytes, format: format)
      guard case .accepted(let families, let samples) = result else {
        FileHandle.standardError.write(Data("\(file ?? "standard input"):\(result)\n".utf8))
        throw ExitCode(1)
      }
      print("\(families) families, \(samples) metrics: allowed")
    }
  }

  struct Catalog: ParsableCommand {
    static let configuration = CommandConfiguration(
      abstract: "Every metric that the suite can export: name, type, unit, labels, help, owner.",
      discussion: """
        EXAMPLES
          cdb metrics catalog > metrics.md
          cdb metrics catalog --format json | jq -r '.[].name'
        """)

    @Option(help: "md or json.")
    var format: MetricCatalog.Format = .md

    func run() throws {
      print(try MetricCatalog.render(SuiteMetrics.all, as: format), terminator: "")
    }
  }
}

extension ExpositionCheck.Format: ExpressibleByArgument {}
extension MetricCatalog.Format: ExpressibleByArgument {}
