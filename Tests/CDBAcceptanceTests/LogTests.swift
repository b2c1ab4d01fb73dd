import Foundation
import Testing

@Suite("The log of a run", .twoAtATime)
struct LogTests {
  static let schema = Surroundings.repository + "/docs/contracts/log.schema.json"

  static let validator = """
    import json, sys
    import jsonschema
    schema = json.load(open(sys.argv[1]))
    validator = jsonschema.validators.validator_for(schema)(schema, format_checker=jsonschema.FormatChecker())
    lines = 0
    for path in sys.argv[2:]:
        for number, line in enumerate(open(path, encoding="utf-8"), 1):
            for error in validator.iter_errors(json.loads(line)):
                sys.exit(f"{path}:{number}: {error.json_path}: {error.message}: {line}")
            lines += 1
    print(lines)
    """

  @Test(
    "every line is valid by the schema that is published", .needsPython("jsonschema"),
    .needs("needs docs/contracts/log.schema.json") { FileManager.default.isReadableFile(atPath: schema) })
  func everyLine() async throws {
    try await withTemporaryDirectory { folder in
      // Signals, refusals, orders and fills, at the most talkative level.
      let trading = try LiveRun(in: folder, ["--set", "log.level=trace"])
      try await trading.during { child in
        try await trading.firstFill()
        child.send(SIGTERM)
        _ = try await child.exit()
        try child.errors.write(to: folder + "/errors.jsonl")
      }
      // Errors.
      let broken = try LiveRun(
        in: folder, dataDirectory: folder + "/broken",
        feed: "replay:" + "\u{1f}\u{8b}".write(to: folder + "/damaged.gz"))
      _ = try await CDB.run(broken.arguments, in: folder)
      let lines = try await PythonCheck.run(
        Self.validator,
        [
          Self.schema, trading.dataDirectory + "/logs/cdb.jsonl", folder + "/errors.jsonl",
          folder + "/broken/logs/cdb.jsonl",
        ],
        in: folder)
      print("log: \(lines.trimmingCharacters(in: .whitespacesAndNewlines)) lines valid by the schema")
      #expect(Int(lines.trimmingCharacters(in: .whitespacesAndNewlines)) ?? 0 > 20)
    }
  }
}
