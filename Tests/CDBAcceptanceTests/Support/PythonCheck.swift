import Foundation

/// Checks by a tool that others wrote, in Python.
enum PythonCheck {
  static func has(_ module: String) async -> Bool {
    let found = try? await withTemporaryDirectory { folder in
      try await ChildProcess(Surroundings.python, ["-c", "import \(module)"], in: folder)
        .exit()
    }
    return found == .code(0)
  }

  struct Refused: Error, CustomStringConvertible {
    var description: String
  }

  /// Runs a script; what it prints. Throws with its last words where it ends other than with 0.
  static func run(_ script: String, _ arguments: [String], in folder: String) async throws -> String {
    let child = try ChildProcess(Surroundings.python, ["-c", script] + arguments, in: folder)
    guard try await child.exit() == .code(0) else {
      throw Refused(description: String(child.errors.suffix(2_000)))
    }
    return child.output
  }
}
