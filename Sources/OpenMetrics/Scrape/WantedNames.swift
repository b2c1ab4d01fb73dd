extension MetricRegistry {
  /// What the query parameter `name[]` asks for: a reader knows a name as it gets it, which may be escaped.
  ///
  /// - Returns: `names`, and the families that this reader gets under one of them; `nil`, which is all, for none.
  func names(wantedAs names: Set<String>, _ escaping: EscapingScheme) -> Set<String>? {
    guard !names.isEmpty else { return nil }
    let shown = descriptors.filter { !names.isDisjoint(with: $0.shownNames(escaping)) }
    return names.union(shown.map(\.name))
  }
}
