/// A label as it stands in the exposition.
struct RawLabel {
  let name: RawText
  let value: RawText
  let isQuoted: Bool

  var isEscaped: Bool { name.isEscaped || value.isEscaped }
}

/// A sample's name as it stands in the exposition.
struct RawName {
  let text: RawText
  /// With its quotes, if it has any.
  let token: Range<Int>
}

extension LineLexer {
  /// The line's labels but for one.
  func labelSet(excluding excluded: Int?) -> LabelSet {
    let count = labels.count - (excluded == nil ? 0 : 1)
    guard count > 0 else { return .empty }
    guard let extent = plainExtent(excluding: excluded), extent.textCount < Int(UInt32.max) else {
      return LabelSet(
        labels.indices.filter { $0 != excluded }.map { Label(text(labels[$0].name), text(labels[$0].value)) })
    }
    return LabelSet(
      LabelText(labelCount: count, textCount: extent.textCount, hasEmptyValue: extent.hasEmptyValue) {
        fill($0, $1, excluding: excluded)
      })
  }

  /// The length of the labels' text; `nil` where a name or value is not shown as it is.
  private func plainExtent(excluding excluded: Int?) -> (textCount: Int, hasEmptyValue: Bool)? {
    var textCount = -1
    var hasEmptyValue = false
    for position in labels.indices where position != excluded {
      let label = labels[position]
      guard !label.isEscaped, !label.isQuoted || NameGrammar.isLabelName(slice(label.name.range)) else {
        return nil
      }
      // Equals sign, quotes and comma.
      textCount += label.name.range.count + label.value.range.count
      textCount += 4
      if label.value.range.isEmpty { hasEmptyValue = true }
    }
    return (textCount, hasEmptyValue)
  }

  private func fill(
    _ lengths: UnsafeMutablePointer<UInt32>, _ text: UnsafeMutablePointer<UInt8>, excluding excluded: Int?
  ) {
    guard let base = bytes.baseAddress else { return }
    var order = 0
    var target = text
    for position in labels.indices where position != excluded {
      let label = labels[position]
      let name = label.name.range
      let value = label.value.range
      lengths[order * 2] = UInt32(truncatingIfNeeded: name.count)
      lengths[order * 2 + 1] = UInt32(truncatingIfNeeded: value.count)
      if order > 0 {
        target.pointee = UInt8(ascii: ",")
        target += 1
      }
      target.update(from: base + name.lowerBound, count: name.count)
      target += name.count
      target[0] = UInt8(ascii: "=")
      target[1] = UInt8(ascii: "\"")
      target += 2
      target.update(from: base + value.lowerBound, count: value.count)
      target += value.count
      target.pointee = UInt8(ascii: "\"")
      target += 1
      order += 1
    }
  }

  /// Where the label of this name is.
  func position(of name: [UInt8]) -> Int? {
    for position in labels.indices where isText(labels[position].name, name) { return position }
    return nil
  }

  /// Whether the line's labels but for one are written as those.
  @inline(__always)
  func hasLabels(_ others: [RawLabel], excluding excluded: Int?) -> Bool {
    guard labels.count == others.count + (excluded == nil ? 0 : 1) else { return false }
    var order = 0
    for position in labels.indices where position != excluded {
      guard isSame(labels[position].value.range, others[order].value.range),
        isSame(labels[position].name.range, others[order].name.range)
      else { return false }
      order &+= 1
    }
    return true
  }

  /// The same for all spellings and orders of labels that are the same metric: those without a value do not count.
  func identityHash(excluding excluded: Int?) -> Int {
    var hasher = Hasher()
    if isInOrder {
      for position in labels.indices where position != excluded { combine(labels[position], &hasher) }
    } else {
      let sorted = labels.indices.filter { $0 != excluded }
        .map { (name: text(labels[$0].name), label: labels[$0]) }
        .sorted { $0.name.utf8.lexicographicallyPrecedes($1.name.utf8) }
      for (_, label) in sorted { combine(label, &hasher) }
    }
    return hasher.finalize()
  }

  /// Whether the names ascend, as they usually do.
  private var isInOrder: Bool {
    guard labels.count > 1 else { return true }
    for position in 1..<labels.count {
      let (left, right) = (labels[position - 1], labels[position])
      guard !left.isEscaped, !right.isEscaped,
        slice(left.name.range).lexicographicallyPrecedes(slice(right.name.range))
      else { return false }
    }
    return true
  }

  @inline(__always)
  private func combine(_ label: RawLabel, _ hasher: inout Hasher) {
    guard !label.value.range.isEmpty else { return }
    combine(label.name, &hasher)
    // No text has this byte.
    hasher.combine(0xFF as UInt8)
    combine(label.value, &hasher)
    hasher.combine(0xFF as UInt8)
  }

  @inline(__always)
  private func combine(_ raw: RawText, _ hasher: inout Hasher) {
    if raw.isEscaped {
      var decoded = text(raw)
      decoded.withUTF8 { hasher.combine(bytes: UnsafeRawBufferPointer($0)) }
    } else {
      hasher.combine(bytes: UnsafeRawBufferPointer(slice(raw.range)))
    }
  }

  /// The first label name that the line has twice.
  func duplicateLabel() -> String? {
    guard labels.count > 1 else { return nil }
    if labels.count > 8 || labels.contains(where: { $0.name.isEscaped }) {
      var seen = Set<[UInt8]>(minimumCapacity: labels.count)
      return labels.lazy.map { text($0.name) }.first { !seen.insert(Array($0.utf8)).inserted }
    }
    for position in 1..<labels.count {
      for earlier in 0..<position where isSame(labels[earlier].name.range, labels[position].name.range) {
        return text(labels[position].name)
      }
    }
    return nil
  }
}
