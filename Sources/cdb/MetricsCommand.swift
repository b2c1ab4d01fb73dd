import ArgumentParser
import CDBServices
import Foundation
import enum ServiceRuntime.PersonalOutput

struct MetricsCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "metrics", abstract: "Checks expositions; lists the metrics that the suite exports.",
    discussion: """
      EXAMPLES
        curl -s localhost:8000/metrics | cdb metrics check --format text
        cdb metrics check --format openmetrics metrics.txt
        cdb metrics catalog --format json
      """,
    subcommands: [Check.self, Catalog.self])

  struct Check: ParsableCommand {
    static let configuration = CommandConfiguration(
      abstract:
        "Exit code 0 if the exposition is allowed by its specification, 1 with place and reason if not.",
      discussion: """
        Faults are told as file:line:column: reason; of protobuf as file:message:byte: reason.

        EXAMPLES
          curl -s -H 'Accept: application/openmetrics-text' localhost:8000/metrics | cdb metrics check
          cdb metrics check --format text metrics.txt
          cdb metrics check --format openmetrics --quoted-names metrics.txt
          curl -s localhost:9100/metrics | cdb metrics check --format text --lenient -
        """)

    @Option(
      help:
        "openmetrics (1.0), openmetrics2 (2.0, release candidate), text (Prometheus 0.0.4), text1 (1.0.0) or protobuf."
    )
    var format: ExpositionCheck.Format = .openmetrics
    @Flag(
      help: "Allow names in quotes in OpenMetrics 1.0 and text 0.0.4, as escaping=allow-utf-8 asks for.")
    var quotedNames = false
    @Flag(help: "Refuse only what Prometheus does not take, and tell what was overlooked.")
    var lenient = false
    @Argument(help: "A file; standard input where it is missing or a dash.")
    var file: String?

    func run() throws {
      let bytes: [UInt8]
      let path = file == "-" ? nil : file
      do {
        let handle = try path.map { try FileHandle(forReadingFrom: URL(filePath: $0)) } ?? .standardInput
        bytes = Array(try handle.readToEnd() ?? Data())
      } catch {
        throw ValidationError("cannot read \(path ?? "standard input")")
      }
      let result = ExpositionCheck.check(
        bytes, format: format, allowsQuotedNames: quotedNames, isLenient: lenient)
      for line in result.faults(in: path ?? "standard input") {
        PersonalOutput.warn(line)
      }
      guard case .accepted = result else { throw ExitCode(1) }
      print("\(result): allowed")
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
