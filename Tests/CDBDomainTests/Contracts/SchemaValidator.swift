import Foundation
import Testing

@testable import CDBDomain

/// The published schemas, judged by a validator that nobody here wrote: Python's `jsonschema`.
///
/// `CDB_TEST_PYTHON` names the interpreter; without it, `python3`.
enum SchemaValidator {
  struct Failure: Error, CustomStringConvertible {
    var description: String
  }

  static let directory = URL(filePath: #filePath)
    .deletingLastPathComponent().deletingLastPathComponent().deletingLastPathComponent()
    .deletingLastPathComponent().appending(path: "docs/contracts")

  /// Whether the validator is to be used: where it is there, and in continuous integration even if it is not, so
  /// that a build without it fails instead of passing unjudged.
  static let isExpected =
    ProcessInfo.processInfo.environment["CI"] == "true" || (try? run("import jsonschema", [])) != nil
  static let requirement: Comment =
    "needs Python's jsonschema: pip install jsonschema, or name an interpreter that has it in CDB_TEST_PYTHON"

  /// A document, and the name of the schema that it should obey: `order`, `log`.
  struct Document: Sendable {
    var schema: String
    var json: [UInt8]
  }

  static func schema(_ name: String) throws -> [String: Any] {
    let text = try Data(contentsOf: directory.appending(path: "\(name).schema.json"))
    return try #require(JSONSerialization.jsonObject(with: text) as? [String: Any])
  }

  /// What is wrong with each document by its schema; an empty text where nothing is. One interpreter judges all.
  static func problems(_ documents: [Document]) throws -> [String] {
    let file = FileManager.default.temporaryDirectory.appending(path: "cdb-contracts-\(UUID().uuidString)")
    defer { try? FileManager.default.removeItem(at: file) }
    var lines = Data()
    for document in documents {
      lines += Data("\(document.schema) ".utf8) + Data(document.json) + Data("\n".utf8)
    }
    try lines.write(to: file)
    let answer = try run(script, [directory.path(percentEncoded: false), file.path(percentEncoded: false)])
    return answer.split(separator: "\n", omittingEmptySubsequences: false).dropLast().map(String.init)
  }

  private static let script = """
    import json, sys
    from jsonschema import Draft202012Validator
    validators = {}
    for line in open(sys.argv[2], encoding="utf-8", newline="\\n"):
        name, document = line.rstrip("\\n").split(" ", 1)
        if name not in validators:
            with open(f"{sys.argv[1]}/{name}.schema.json", encoding="utf-8") as file:
                schema = json.load(file)
            Draft202012Validator.check_schema(schema)
            validators[name] = Draft202012Validator(schema)
        error = next(validators[name].iter_errors(json.loads(document)), None)
        print("" if error is None else ascii(f"{error.json_path}: {error.message}"))
    """

  private static func run(_ script: String, _ arguments: [String]) throws -> String {
    let python = ProcessInfo.processInfo.environment["CDB_TEST_PYTHON"] ?? "python3"
    let process = Process()
    process.executableURL = URL(filePath: "/usr/bin/env")
    process.arguments = [python, "-c", script] + arguments
    let output = Pipe()
    process.standardOutput = output
    process.standardError = FileHandle.nullDevice
    try process.run()
    let answer = try output.fileHandleForReading.readToEnd() ?? Data()
    process.waitUntilExit()
    guard process.terminationStatus == 0 else {
      throw Failure(
        description: "\(python) ended with status \(process.terminationStatus): does it have jsonschema?")
    }
    return String(decoding: answer, as: UTF8.self)
  }
}
