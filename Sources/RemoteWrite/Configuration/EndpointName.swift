/// The name of an endpoint, which is also that of its folder.
enum EndpointName {
  static func isValid(_ name: String) -> Bool {
    (1...64).contains(name.utf8.count) && !name.hasPrefix(".")
      && name.utf8.allSatisfy { ASCII.isWord($0) || $0 == UInt8(ascii: ".") || $0 == UInt8(ascii: "-") }
  }

  /// Of an endpoint that the file gives none: the same as long as the URL is.
  static func standard(of url: String) -> String {
    let hash = StableHash.of(Array(url.utf8))
    let text = String(hash, radix: 16)
    return "url-" + String(repeating: "0", count: 16 - text.count) + text
  }
}

/// FNV-1a: the same in every process, as Swift's own hashes are not.
enum StableHash {
  static func of(_ bytes: some Sequence<UInt8>) -> UInt64 {
    bytes.reduce(0xcbf2_9ce4_8422_2325) { ($0 ^ UInt64($1)) &* 0x100_0000_01b3 }
  }
}
