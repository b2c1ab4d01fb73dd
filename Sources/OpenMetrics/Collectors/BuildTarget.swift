/// What this library was compiled for.
struct BuildTarget: Equatable {
  let version: String
  let architecture: String
  let system: String

  static let current = BuildTarget(
    version: compilerVersion, architecture: currentArchitecture, system: currentSystem)

  /// Major and minor version of the compiler; of one that is newer than this list, the newest of the list.
  private static var compilerVersion: String {
    #if compiler(>=7.0)
      "7.0"
    #elseif compiler(>=6.5)
      "6.5"
    #elseif compiler(>=6.4)
      "6.4"
    #elseif compiler(>=6.3)
      "6.3"
    #else
      "6.2"
    #endif
  }

  private static var currentArchitecture: String {
    #if arch(x86_64)
      "x86_64"
    #elseif arch(arm64)
      "arm64"
    #elseif arch(arm)
      "arm"
    #elseif arch(i386)
      "i386"
    #elseif arch(riscv64)
      "riscv64"
    #elseif arch(powerpc64le)
      "powerpc64le"
    #elseif arch(s390x)
      "s390x"
    #else
      "unknown"
    #endif
  }

  private static var currentSystem: String {
    #if os(Linux)
      "linux"
    #elseif os(macOS)
      "macos"
    #elseif os(FreeBSD)
      "freebsd"
    #else
      "unknown"
    #endif
  }
}
