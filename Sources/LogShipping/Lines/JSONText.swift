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

  /// Writes what the inside of a JSON string says. Half a character of two becomes U+FFFD.
  ///
  /// - Parameter bytes: of JSON that was checked.
  static func appendUnescaped(_ bytes: UnsafeRawBufferPointer, to output: inout [UInt8]) {
    var index = 0
    var high: UInt32?
    while index < bytes.count {
      guard bytes[index] == UInt8(ascii: "\\"), index + 1 < bytes.count else {
        if high != nil { output.append(contentsOf: [0xEF, 0xBF, 0xBD]) }
        high = nil
        output.append(bytes[index])
        index += 1
        continue
      }
      let letter = bytes[index + 1]
      index += 2
      var code: UInt32
      switch letter {
      case UInt8(ascii: "n"): code = 10
      case UInt8(ascii: "t"): code = 9
      case UInt8(ascii: "r"): code = 13
      case UInt8(ascii: "b"): code = 8
      case UInt8(ascii: "f"): code = 12
      case UInt8(ascii: "u"):
        let digits = bytes[index..<min(index + 4, bytes.count)]
        code = UInt32(String(decoding: digits, as: UTF8.self), radix: 16) ?? 0xFFFD
        index = digits.endIndex
      default: code = UInt32(letter)
      }
      if let first = high {
        high = nil
        if (0xDC00...0xDFFF).contains(code) {
          code = 0x10000 + (first - 0xD800) << 10 + (code - 0xDC00)
        } else {
          output.append(contentsOf: [0xEF, 0xBF, 0xBD])
        }
      }
      if (0xD800...0xDBFF).contains(code) {
        high = code
      } else {
        output.append(contentsOf: String(Character(Unicode.Scalar(code) ?? "\u{FFFD}")).utf8)
      }
    }
    if high != nil { output.append(contentsOf: [0xEF, 0xBF, 0xBD]) }
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
