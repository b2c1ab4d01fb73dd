/// Cuts bytes into lines, with a bound on what a line may cost.
struct LineFramer {
  private let limit: Int
  private var line: [UInt8] = []
  /// The line was too long; the rest of it is passed over.
  private var isSkipping = false

  /// - Parameter limit: the longest line in bytes, without its newline.
  init(limit: Int) { self.limit = limit }

  /// The lines that end in `bytes`. Empty ones are none.
  mutating func take(_ bytes: [UInt8]) -> [Frame] {
    var frames: [Frame] = []
    var rest = bytes[...]
    while let newline = rest.firstIndex(of: UInt8(ascii: "\n")) {
      append(rest[..<newline])
      frames += end()
      rest = rest[(newline + 1)...]
    }
    append(rest)
    return frames
  }

  /// What stands behind the last newline, at the end of everything.
  mutating func end() -> [Frame] {
    defer {
      line = []
      isSkipping = false
    }
    if isSkipping { return [.tooLong(limit: limit)] }
    let isEmpty = line.allSatisfy {
      $0 == UInt8(ascii: " ") || $0 == UInt8(ascii: "\r") || $0 == UInt8(ascii: "\t")
    }
    return isEmpty ? [] : [.message(line)]
  }

  private mutating func append(_ part: ArraySlice<UInt8>) {
    guard !isSkipping else { return }
    guard line.count + part.count <= limit else {
      isSkipping = true
      line = []
      return
    }
    line += part
  }
}
