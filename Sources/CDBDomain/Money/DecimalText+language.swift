// Figures as people read them. What machines read has a point.
extension DecimalText {
  /// A plain decimal as a language writes it: `-0.05` is `-0,05` in German. What is none stays as it is.
  public static func localized(_ text: String, in language: Language) -> String {
    guard language == .de, let point = text.utf8.firstIndex(of: UInt8(ascii: ".")) else { return text }
    let whole = text[..<point].drop { "+-−".contains($0) }
    let fraction = text[point...].dropFirst()
    func isDigits(_ part: Substring) -> Bool {
      !part.isEmpty && part.utf8.allSatisfy { (UInt8(ascii: "0")...UInt8(ascii: "9")).contains($0) }
    }
    return isDigits(whole) && isDigits(fraction) ? "\(text[..<point]),\(fraction)" : text
  }

  /// A phrase whose plain decimals are written as a language does. Addresses, versions and codes stay as they are.
  public static func localizedFigures(_ phrase: String, in language: Language) -> String {
    guard language == .de else { return phrase }
    return phrase.split(separator: " ", omittingEmptySubsequences: false).map { word in
      let trailing = word.last.map { ",;".contains($0) } == true ? word.suffix(1) : ""
      return localized(String(word.dropLast(trailing.count)), in: language) + trailing
    }.joined(separator: " ")
  }
}
