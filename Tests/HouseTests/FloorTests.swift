import Foundation
import Testing

@Suite("The floors of the house")
struct FloorTests {
  let repository = Repository.current

  /// The files under Sources, by target.
  func sources() throws -> [(target: String, path: String)] {
    try repository.files().compactMap { path in
      let parts = path.split(separator: "/")
      return parts.count > 2 && parts[0] == "Sources" ? (String(parts[1]), path) : nil
    }
  }

  @Test("every target has a floor, and every floor's target is there")
  func everyTargetHasAFloor() throws {
    let folders = Set(try sources().map(\.target))
    let declared = Set(
      try ManifestScanner.targets(of: repository.text("Package.swift")).filter(\.isInSources).map(\.name))
    #expect(folders == Set(Floors.table.keys), "Sources and Floors.table differ")
    #expect(declared == Set(Floors.table.keys), "Package.swift and Floors.table differ")
  }

  @Test("no source imports from a higher floor")
  func sourcesKeepTheFloors() throws {
    var uses: [Floors.Use] = []
    for (target, path) in try sources() where path.hasSuffix(".swift") {
      for found in ImportScanner.imports(in: try repository.text(path)) {
        uses.append(.init(target: target, module: found.module, place: "\(path):\(found.line)"))
      }
    }
    #expect(uses.count > 50, "the scan found hardly any imports; it looks in the wrong place")
    let violations = Floors.violations(uses)
    #expect(violations.isEmpty, "\(violations.joined(separator: "\n"))")
  }

  @Test("Package.swift lets no target depend on a higher floor")
  func manifestKeepsTheFloors() throws {
    let targets = try ManifestScanner.targets(of: repository.text("Package.swift")).filter(\.isInSources)
    let uses = targets.flatMap { target in
      target.dependencies.map {
        Floors.Use(target: target.name, module: $0, place: "Package.swift, target \(target.name)")
      }
    }
    let violations = Floors.violations(uses)
    #expect(violations.isEmpty, "\(violations.joined(separator: "\n"))")
  }

  @Test(
    "a use that breaks a rule is found",
    arguments: [
      ("OpenMetrics", "CDBDomain"), ("DurableQueue", "CDBPipeline"), ("ServiceRuntime", "cdb"),
      ("CCRC32C", "OpenMetrics"), ("CDBDomain", "Foundation"), ("CDBDomain", "Glibc"),
      ("CDBDomain", "Dispatch"), ("CDBDomain", "OpenMetrics"), ("CDBDomain", "CCRC32C"),
      ("CDBPipeline", "CDBGate"), ("CDBPipeline", "CDBServices"), ("CDBGate", "CDBServices"),
      ("CDBServices", "cdb"), ("SomethingNew", "Foundation"),
    ])
  func breachIsFound(target: String, module: String) {
    let use = Floors.Use(target: target, module: module, place: "here")
    #expect(Floors.violations([use]).count == 1)
  }

  @Test(
    "a use within the rules is none",
    arguments: [
      ("OpenMetrics", "Glibc"), ("DurableQueue", "CCRC32C"), ("HTTPTransport", "CCurl"),
      ("ServiceRuntime", "Hummingbird"), ("CDBPipeline", "CDBDomain"), ("CDBPipeline", "DurableQueue"),
      ("CDBGate", "CDBPipeline"), ("CDBServices", "CDBGate"), ("CDBServices", "CZlib"),
      ("cdb", "CDBServices"),
    ])
  func allowedUse(target: String, module: String) {
    #expect(Floors.violations([.init(target: target, module: module, place: "here")]).isEmpty)
  }
}

@Suite("What the floors are read from")
struct FloorScannerTests {
  @Test("every form of import is found, with its line")
  func formsOfImport() {
    let source = """
      // import Comment
      import A
      public import B
      @preconcurrency import C
      @_exported internal import struct D.E
      #if canImport(F)
        import F
      #endif
      import G.H; import I  // import J
      let important = 1
      """
    let found = ImportScanner.imports(in: source)
    #expect(found.map(\.module) == ["A", "B", "C", "D", "F", "G", "I"])
    #expect(found.map(\.line) == [2, 3, 4, 5, 7, 9, 9])
  }

  @Test("a text of several lines that speaks of imports has none")
  func importsInText() {
    let quotes = "\"\"\""
    let source =
      "let help = \(quotes)\n  import A\n  \(quotes)\nimport B\nlet x = \(quotes)\nimport C\n\(quotes)"
    #expect(ImportScanner.imports(in: source).map(\.module) == ["B"])
  }

  @Test("targets, their dependencies and paths are read from a manifest")
  func manifest() throws {
    let text = """
      let package = Package(
        name: "p",
        products: [.executable(name: "x", targets: ["x"])],
        dependencies: [.package(url: "https://example.org/log (1)", from: "1.0.0")],
        targets: [
          // .target(name: "Gone"),
          .systemLibrary(name: "CX", pkgConfig: "x", providers: [.apt(["x-dev"])]),
          .target(name: "A", cSettings: [.define("V", to: "\\"1\\"")]),
          .target(
            name: "B",
            dependencies: [
              "A", .product(name: "Log", package: "log"), .target(name: "CX"),
            ]),
          .executableTarget(name: "x", dependencies: ["B"], path: "Tests/x"),
          .testTarget(name: "T", dependencies: ["B"]),
        ]
      )
      """
    let targets = try ManifestScanner.targets(of: text)
    #expect(
      targets == [
        .init(name: "CX", dependencies: [], path: nil),
        .init(name: "A", dependencies: [], path: nil),
        .init(name: "B", dependencies: ["A", "Log", "CX"], path: nil),
        .init(name: "x", dependencies: ["B"], path: "Tests/x"),
      ])
    #expect(targets.filter { !$0.isInSources }.map(\.name) == ["x"])
  }

  @Test("dependencies that are computed are refused, not passed over")
  func computedDependencies() {
    let text = "let p = Package(\n  targets: [.target(name: \"A\", dependencies: common + [])])"
    #expect(throws: ManifestScanner.Unreadable.self) { try ManifestScanner.targets(of: text) }
  }
}
