import Glibc

/// Which files are followed.
public struct PathPatterns: Sendable, Equatable {
  /// As a shell knows them: `*`, `?` and `[…]`, also in folders.
  public var included: [String]
  /// Of paths, or of names where they have no `/`.
  public var excluded: [String]

  /// What is packed so that it cannot be read. Of gzip the text is read, and of zstd and xz it is said that it is not.
  public static let packed = ["*.bz2", "*.zip"]

  public init(included: [String], excluded: [String] = PathPatterns.packed) {
    self.included = included
    self.excluded = excluded
  }

  /// The paths that there are now, each once, in order.
  func paths() -> [String] {
    var found = Set<String>()
    for pattern in included {
      for path in Self.expand(pattern) where !isExcluded(path) { found.insert(path) }
    }
    return found.sorted()
  }

  /// The folders in which files may appear.
  func folders() -> [String] {
    var found = Set<String>()
    for pattern in included { found.formUnion(Self.expand(Self.folder(of: pattern))) }
    return found.sorted()
  }

  func isExcluded(_ path: String) -> Bool {
    excluded.contains { pattern in
      fnmatch(pattern, pattern.contains("/") ? path : Self.name(of: path), 0) == 0
    }
  }

  static func folder(of path: String) -> String {
    guard let slash = path.lastIndex(of: "/") else { return "." }
    return slash == path.startIndex ? "/" : String(path[..<slash])
  }

  static func name(of path: String) -> String {
    path.lastIndex(of: "/").map { String(path[path.index(after: $0)...]) } ?? path
  }

  /// The paths of the regular files in a folder.
  static func files(in folder: String) -> [String] {
    guard let stream = opendir(folder) else { return [] }
    defer { closedir(stream) }
    var paths: [String] = []
    while let entry = readdir(stream) {
      guard entry.pointee.d_type == UInt8(DT_REG) || entry.pointee.d_type == UInt8(DT_UNKNOWN) else {
        continue
      }
      let name = withUnsafeBytes(of: &entry.pointee.d_name) {
        String(decoding: $0.prefix { $0 != 0 }, as: UTF8.self)
      }
      paths.append(folder + "/" + name)
    }
    return paths.sorted()
  }

  /// Paths by when their files were written to, the newest first: a copy that was made a moment ago goes before older ones that
  /// begin alike.
  static func newestFirst(_ paths: [String]) -> [String] {
    let times = paths.map { path -> (path: String, seconds: Int, nanoseconds: Int) in
      var status = stat()
      guard stat(path, &status) == 0 else { return (path, 0, 0) }
      return (path, status.st_mtim.tv_sec, status.st_mtim.tv_nsec)
    }
    let paths = times.sorted {
      ($0.seconds, $0.nanoseconds, $1.path) > ($1.seconds, $1.nanoseconds, $0.path)
    }.map(\.path)
    // What is being packed is read from its pack when it is not there any more.
    return paths.filter { !$0.hasSuffix(".gz") } + paths.filter { $0.hasSuffix(".gz") }
  }

  private static func expand(_ pattern: String) -> [String] {
    var result = glob_t()
    defer { globfree(&result) }
    guard glob(pattern, 0, nil, &result) == 0 else { return [] }
    return (0..<Int(result.gl_pathc)).compactMap { index in
      result.gl_pathv[index].map { String(cString: $0) }
    }
  }
}
