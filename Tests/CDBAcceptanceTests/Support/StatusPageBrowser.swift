import Foundation

/// A person in front of the status page: a headless Chromium that a script drives.
enum StatusPageBrowser {
  /// What the script found, in figures.
  typealias Figures = [String: Figure]

  enum Figure: Decodable, Sendable {
    case number(Double)
    case text(String)

    init(from decoder: any Decoder) throws {
      let container = try decoder.singleValueContainer()
      self =
        try (try? container.decode(Double.self)).map(Figure.number) ?? .text(container.decode(String.self))
    }

    var text: String? { if case .text(let text) = self { text } else { nil } }

    var number: Double? { if case .number(let number) = self { number } else { nil } }
  }

  private static let script = Surroundings.tests + "/Browser/status_page.py"

  /// Begins a scenario; ``figures(of:within:)`` waits for its end.
  static func start(_ scenario: String, _ run: LiveRun) throws -> ChildProcess {
    let token = try String(contentsOfFile: run.dataDirectory + "/token", encoding: .utf8)
    return try ChildProcess(
      Surroundings.python,
      [
        script, scenario, "http://127.0.0.1:\(run.port)",
        token.trimmingCharacters(in: .whitespacesAndNewlines),
        run.folder,
      ], in: run.folder, environment: ["PYTHONDONTWRITEBYTECODE": "1"])
  }

  /// Throws with the faults, where there are any.
  static func figures(of script: ChildProcess, within limit: Duration = .patience) async throws -> Figures {
    do {
      guard try await script.exit(within: limit) == .code(0) else {
        throw PythonCheck.Refused(description: String(script.errors.suffix(4_000)))
      }
    } catch {
      // The browser belongs to the script, which ends it.
      script.send(SIGTERM)
      throw error
    }
    return try JSONDecoder().decode(Figures.self, from: Data(script.output.utf8))
  }
}
