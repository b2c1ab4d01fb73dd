/// Writes bytes as the inside of a JSON string.
enum JSONText {
  /// - Returns: whether the bytes were UTF-8. What is not becomes U+FFFD, once for each byte.
  @discardableResult
  static func append(_ bytes: UnsafeRawBufferPointer, to output: inout [UInt8]) -> Bool {
    var index = 0
    var isWhole = true
    while index < bytes.count {
      let end = PlainBytes.end(in: bytes, from: index)
      if end > index {
        output.append(contentsOf: UnsafeRawBufferPointer(rebasing: bytes[index..<end]))
        index = end
        continue
      }
      let byte = bytes[index]
      if byte >= 0x80 {
        if let length = UTF8Bytes.length(in: bytes, at: index) {
          output.append(contentsOf: UnsafeRawBufferPointer(rebasing: bytes[index..<index + length]))
          index += length
        } else {
          isWhole = false
          output.append(contentsOf: [0xEF, 0xBF, 0xBD])
          index += 1
        }
        continue
      }
      index += 1
      switch byte {
      case 0x22: output.append(contentsOf: [0x5C, 0x22])
      case 0x5C: output.append(contentsOf: [0x5C, 0x5C])
      case 9: output.append(contentsOf: [0x5C, UInt8(ascii: "t")])
      case 10: output.append(contentsOf: [0x5C, UInt8(ascii: "n")])
      case 13: output.append(contentsOf: [0x5C, UInt8(ascii: "r")])
      default:
        output.append(contentsOf: [0x5C, UInt8(ascii: "u"), 0x30, 0x30])
        output.append(hexadecimal(byte >> 4))
        output.append(hexadecimal(byte & 15))
      }
    }
    return isWhole
  }

  /// A string with its quotes.
  static func quoted(_ text: String) -> [UInt8] {
    var output: [UInt8] = [0x22]
    Array(text.utf8).withUnsafeBytes { _ = append($0, to: &output) }
    output.append(0x22)
    return output
  }

  @inline(__always)
  static func hexadecimal(_ digit: UInt8) -> UInt8 {
    digit < 10 ? UInt8(ascii: "0") + digit : UInt8(ascii: "a") + digit - 10
  }

  /// A number without a sign, in decimal.
  @inline(__always)
  static func append(_ number: UInt64, to output: inout [UInt8]) {
    var rest = number
    var digits: (UInt64, UInt64, UInt64) = (0, 0, 0)
    withUnsafeMutableBytes(of: &digits) { buffer in
      var index = buffer.count
      repeat {
        index -= 1
        buffer[index] = UInt8(ascii: "0") + UInt8(rest % 10)
        rest /= 10
      } while rest > 0
      output.append(contentsOf: UnsafeRawBufferPointer(rebasing: buffer[index...]))
    }
  }
}
