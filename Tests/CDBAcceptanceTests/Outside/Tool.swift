import Foundation

/// A program of the system that makes or undoes a fault.
enum Tool {
  struct Failed: Error, CustomStringConvertible {
    var command: [String]
    var words: String
    var description: String { "\(command.joined(separator: " ")): \(words)" }
  }

  /// Runs a program to its end, and gives what it prints.
  @discardableResult
  static func run(_ command: [String]) async throws -> String {
    try await withTemporaryDirectory { scratch in
      let child = try ChildProcess(command[0], Array(command.dropFirst()), in: scratch)
      guard try await child.exit() == .code(0) else {
        throw Failed(command: command, words: String(child.errors.suffix(400)))
      }
      return child.output.trimmingCharacters(in: .whitespacesAndNewlines)
    }
  }

  /// Whether a program ends with 0.
  static func succeeds(_ command: [String]) async -> Bool { (try? await run(command)) != nil }
}
