/// Text as a part of a URL's query.
enum PercentEncoding {
  static func escape(_ text: String) -> String {
    var escaped = ""
    for byte in text.utf8 {
      // A dash, a dot and a tilde beside words.
      let isPlain = ASCII.isWord(byte) || byte == 45 || byte == 46 || byte == 126
      if isPlain {
        escaped.unicodeScalars.append(Unicode.Scalar(byte))
      } else {
        let digits = String(byte, radix: 16, uppercase: true)
        escaped += "%" + (digits.count == 1 ? "0" : "") + digits
      }
    }
    return escaped
  }
}
