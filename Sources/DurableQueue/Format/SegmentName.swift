/// File names of segments: the first sequence in 20 digits, so that names sort as sequences do.
enum SegmentName {
  static let suffix = ".seg"

  static func render(_ firstSequence: UInt64) -> String {
    let digits = String(firstSequence)
    return String(repeating: "0", count: 20 - digits.utf8.count) + digits + suffix
  }

  /// The first sequence that `name` promises; nil for a file that is no segment of ours.
  static func parse(_ name: String) -> UInt64? {
    guard name.utf8.count == 24, name.hasSuffix(suffix) else { return nil }
    let digits = name.utf8.prefix(20)
    guard digits.allSatisfy({ (0x30...0x39).contains($0) }), let first = UInt64(name.prefix(20)),
      first >= 1, first <= Format.maximumSequence
    else { return nil }
    return first
  }
}
