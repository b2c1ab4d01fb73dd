import Foundation
import ServiceRuntime

/// What there is to lint, read from paths.
struct LintFiles {
  private(set) var rules: [RuleFile] = []
  private(set) var tests: [RuleTestFile] = []
  private(set) var dashboards: [DashboardFile] = []
  /// Of pages.
  private(set) var expressions: [LintText] = []
  /// How many files had something in them to look at, tests included.
  private(set) var count = 0
  private var read: Set<String> = []

  private static let maximumFiles = 5_000

  /// - Parameter paths: files, which must be of a kind that is known, and folders, in which others are passed over.
  /// - Throws: ``LintRefusal`` where a path cannot be read, or a file is not what it seems to be.
  init(_ paths: [String]) throws(LintRefusal) {
    for path in paths {
      var isFolder: ObjCBool = false
      guard FileManager.default.fileExists(atPath: path, isDirectory: &isFolder) else {
        throw LintRefusal(place: path, reason: "there is nothing at this path")
      }
      if isFolder.boolValue {
        for file in try Self.files(in: path) { _ = try take(file) }
      } else if try !take(path) {
        throw LintRefusal(
          place: path,
          reason: "neither rules, tests of rules, a dashboard nor a page (.yml, .yaml, .json, .md)")
      }
    }
    try takeNeighbours()
  }

  /// Tests are looked for beside the rules, also where only the rules were named.
  private mutating func takeNeighbours() throws(LintRefusal) {
    let folders = Set(rules.map { URL(filePath: $0.path).deletingLastPathComponent().relativePath })
    for folder in folders.sorted() {
      for name in (try? FileManager.default.contentsOfDirectory(atPath: folder))?.sorted() ?? []
      where name.hasSuffix(".yml") || name.hasSuffix(".yaml") {
        let path = folder == "." ? name : "\(folder)/\(name)"
        guard !read.contains(Self.identity(path)), let document = try? Self.document(path),
          RuleTestFile.isOne(document)
        else { continue }
        let file = RuleTestFile(document)
        if rules.contains(where: { file.isOf($0.path) }) { tests.append(file) }
      }
    }
  }

  private static func files(in folder: String) throws(LintRefusal) -> [String] {
    var found: [String] = []
    var folders = [folder.count > 1 && folder.hasSuffix("/") ? String(folder.dropLast()) : folder]
    while let folder = folders.popLast() {
      guard let names = try? FileManager.default.contentsOfDirectory(atPath: folder) else {
        throw LintRefusal(place: folder, reason: "this folder cannot be read")
      }
      for name in names.sorted() where !name.hasPrefix(".") {
        let path = folder == "." ? name : "\(folder)/\(name)"
        let type = (try? FileManager.default.attributesOfItem(atPath: path))?[.type] as? FileAttributeType
        // What a link leads to is elsewhere, or here already.
        if type == .typeDirectory { folders.append(path) }
        if type == .typeRegular { found.append(path) }
      }
      guard found.count <= maximumFiles else {
        throw LintRefusal(place: folder, reason: "more than \(maximumFiles) files")
      }
    }
    return found.sorted()
  }

  private static func identity(_ path: String) -> String { URL(filePath: path).standardizedFileURL.path }

  /// - Returns: whether it is of a kind that is known.
  private mutating func take(_ path: String) throws(LintRefusal) -> Bool {
    guard !read.contains(Self.identity(path)) else { return true }
    let isKnown =
      switch URL(filePath: path).pathExtension.lowercased() {
      case "yml", "yaml": try takeYAML(path)
      case "json": try takeJSON(path)
      case "md": try takePage(path)
      default: false
      }
    if isKnown {
      read.insert(Self.identity(path))
      count += 1
    }
    return isKnown
  }

  private mutating func takeYAML(_ path: String) throws(LintRefusal) -> Bool {
    guard let document = try Self.document(path) else { return false }
    if RuleFile.isOne(document) {
      rules.append(try RuleFile(document))
    } else if RuleTestFile.isOne(document) {
      tests.append(RuleTestFile(document))
    } else {
      return false
    }
    return true
  }

  private mutating func takeJSON(_ path: String) throws(LintRefusal) -> Bool {
    guard let document = try Self.document(path), DashboardFile.isOne(document) else { return false }
    dashboards.append(DashboardFile(document))
    return true
  }

  private mutating func takePage(_ path: String) throws(LintRefusal) -> Bool {
    expressions += MarkdownFile.expressions(in: try Self.text(path), path: path)
    return true
  }

  private static func document(_ path: String) throws(LintRefusal) -> LintDocument? {
    try LintDocument(path: path, text: try text(path))
  }

  private static func text(_ path: String) throws(LintRefusal) -> String {
    let file: BoundedFile
    do {
      file = try BoundedFile(path: path, maximumBytes: LintDocument.maximumBytes)
    } catch {
      switch error {
      case .tooLarge(let limit): throw LintRefusal(place: path, reason: "larger than \(limit) bytes")
      case .unreadable(let reason): throw LintRefusal(place: path, reason: reason)
      }
    }
    guard let text = String(validating: file.bytes, as: UTF8.self) else {
      throw LintRefusal(place: path, reason: "not UTF-8")
    }
    return text
  }
}

extension RuleTestFile {
  /// Whether it tests the rules at a path.
  func isOf(_ rules: String) -> Bool {
    let folder = URL(filePath: path).deletingLastPathComponent()
    let target = URL(filePath: rules).standardizedFileURL.path
    return ruleFiles.contains { pattern in
      fnmatch(folder.appending(path: pattern).standardizedFileURL.path, target, 0) == 0
    }
  }
}
