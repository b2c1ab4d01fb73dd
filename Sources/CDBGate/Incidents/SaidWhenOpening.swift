import CDBDomain

/// The root cause of an incident that nobody wrote down for it: what somebody said when he opened the gate.
enum SaidWhenOpening {
  private static let opening = "said by "
  private static let middle = " when opening: "

  /// As it is journaled.
  static func text(_ words: String, by actor: String) -> String { opening + actor + middle + words }

  /// A root cause for a person; one that was written down as it is.
  static func shown(_ rootCause: String, in language: Language) -> String {
    guard language == .de, rootCause.hasPrefix(opening), let middle = rootCause.firstRange(of: middle) else {
      return rootCause
    }
    let actor = rootCause[rootCause.index(rootCause.startIndex, offsetBy: opening.count)..<middle.lowerBound]
    return "beim Öffnen gesagt von \(actor): \(rootCause[middle.upperBound...])"
  }
}
