import ArgumentParser
import CDBDomain
import CDBServices
import ServiceRuntime

struct HealthCommand: AsyncParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "health",
    abstract: "Whether a service does its work, and which part does not. For health checks of containers.",
    discussion: """
      Exit code 0 when it does, 1 when a part of it does not, 3 when nothing answers in time. That the gate service has
      fallen silent is said by ws in a line of its own, and is no fault of ws: it holds, and works.

      EXAMPLES
        cdb health
        cdb health --ready --timeout 2s       whether it can be used yet
        cdb health --json | jq -r '.components[] | select(.healthy | not) | .name'
      """)

  @OptionGroup var service: ServiceOptions
  @OptionGroup var language: LanguageOption
  @Flag(help: "Readiness instead of health.")
  var ready = false
  @Option(help: "How long an answer may take, 100ms to 60s.", transform: Self.patience)
  var timeout = Duration.seconds(3)

  private static func patience(_ text: String) throws -> Duration {
    guard let patience = DurationText.parse(text), patience >= .milliseconds(100), patience <= .seconds(60)
    else { throw ValidationError("--timeout takes 100ms to 60s, such as 3s") }
    return patience
  }

  func run() async throws {
    let report = try await service.client().health(readiness: ready, patience: timeout)
    try service.show(report, as: report.text(in: language.chosen))
    if report.status != .ok { throw ExitCode(1) }
  }
}

extension HealthReport {
  /// A line that says it, and one for each part that is not well, with the reason.
  fileprivate func text(in language: Language) -> String {
    let broken = components.filter { !$0.healthy }
    let notes = components.filter { $0.healthy && $0.name == "gate" }.compactMap { gate in
      gate.ageSeconds.flatMap { age in gate.reason.map { note($0, age: age, in: language) } }
    }
    let remarks = components.filter(\.isRemark).compactMap(\.reason)
    let parts = components.count { !$0.isRemark }
    let told = (notes + remarks).map { "  \($0)" }
    guard status != .ok else {
      let words = Translation(
        en: "it does its work: \(parts) parts",
        de: "es tut seine Arbeit: \(parts) Teile")
      return ([words[language]] + told).joined(separator: "\n")
    }
    let heading = Translation(
      en: "\(broken.count) of \(parts) parts do not do their work",
      de: "\(broken.count) von \(parts) Teilen tun ihre Arbeit nicht")[language]
    let lines = broken.map { "  \($0.name): \($0.reason ?? "-")" } + told
    return ([heading] + lines).joined(separator: "\n")
  }

  /// A gate that is silent, as ws says it.
  private func note(_ reason: String, age: Double, in language: Language) -> String {
    guard language == .de else { return reason }
    let isShut = reason.hasSuffix("is shut") ? " und ist zu" : ""
    return "das Gate schweigt seit \(Int64(max(0, min(age, 1e9)))) s\(isShut)"
  }
}
