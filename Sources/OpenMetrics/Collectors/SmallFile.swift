#if canImport(Glibc)
  import Glibc
#elseif canImport(Musl)
  import Musl
#elseif canImport(Darwin)
  import Darwin
#endif

/// Reading of procfs, whose files report no size and change between reads.
enum SmallFile {
  private static let maximumLength = 1 << 20

  /// The file's text, or `nil` when it cannot be read.
  static func read(_ path: String) -> String? {
    let descriptor = open(path, O_RDONLY | O_CLOEXEC)
    guard descriptor >= 0 else { return nil }
    defer { close(descriptor) }
    var content: [UInt8] = []
    while content.count < maximumLength {
      let chunk = [UInt8](unsafeUninitializedCapacity: 16384) { buffer, count in
        count = 0
        repeat { count = systemRead(descriptor, buffer) } while count < 0 && errno == EINTR
        count = max(count, 0)
      }
      if chunk.isEmpty { break }
      content += chunk
    }
    return String(decoding: content, as: UTF8.self)
  }

  /// How many entries a directory has; without the one that this very reading opens, when the directory lists
  /// the descriptors of this process.
  static func entryCount(_ path: String, isOwn: Bool) -> Int? {
    entries(path).map { isOwn ? max($0.count - 1, 0) : $0.count }
  }

  /// The names in a directory, in no order; `nil` when it cannot be read.
  static func entries(_ path: String) -> [String]? {
    guard let directory = opendir(path) else { return nil }
    defer { closedir(directory) }
    var names: [String] = []
    while let entry = readdir(directory) {
      let name = withUnsafePointer(to: &entry.pointee.d_name) { pointer in
        pointer.withMemoryRebound(to: CChar.self, capacity: MemoryLayout.size(ofValue: pointer.pointee)) {
          String(cString: $0)
        }
      }
      // "." and ".." are the only entries of procfs and of fixtures that begin with a dot.
      if !name.hasPrefix(".") { names.append(name) }
    }
    return names
  }

  private static func systemRead(_ descriptor: Int32, _ buffer: UnsafeMutableBufferPointer<UInt8>) -> Int {
    #if canImport(Glibc)
      Glibc.read(descriptor, buffer.baseAddress, buffer.count)
    #elseif canImport(Musl)
      Musl.read(descriptor, buffer.baseAddress, buffer.count)
    #elseif canImport(Darwin)
      Darwin.read(descriptor, buffer.baseAddress, buffer.count)
    #endif
  }
}

enum SystemConstants {
  static var clockTicksPerSecond: Double { positive(sysconf(Int32(_SC_CLK_TCK)), or: 100) }
  static var pageSize: UInt64 { UInt64(positive(sysconf(Int32(_SC_PAGESIZE)), or: 4096)) }

  private static func positive(_ value: Int, or fallback: Double) -> Double {
    value > 0 ? Double(value) : fallback
  }
}
