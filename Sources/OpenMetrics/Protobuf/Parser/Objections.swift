/// Throws what is wrong, or notes that it was overlooked.
struct Objections {
  let isStrict: Bool
  private(set) var log: OverlookedLog

  init(_ mode: ExpositionParser.Mode, _ limits: ParseLimits) {
    isStrict = mode == .strict
    log = OverlookedLog(limit: limits.overlooked)
  }

  mutating func raise(_ kind: Overlooked.Kind, _ error: ParseError) throws(ParseError) {
    if isStrict { throw error }
    log.note(Overlooked(kind: kind, error: error))
  }
}
