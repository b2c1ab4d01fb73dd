/// A label as it stands in the exposition.
struct RawLabel {
  let name: RawText
  let value: RawText
}

/// A sample's name as it stands in the exposition.
struct RawName {
  let text: RawText
  /// With its quotes, if it has any.
  let token: Range<Int>
}

extension LineLexer {
  /// The line's labels but for one. Texts that are those of the metric before are not made again.
  func labelSet(excluding excluded: Int?, like previous: [RawLabel], _ known: LabelSet) -> LabelSet {
    var result: [Label] = []
    result.reserveCapacity(labels.count)
    for position in labels.indices where position != excluded {
      let label = labels[position]
      let order = result.count
      guard order < previous.count, order < known.count else {
        result.append(Label(text(label.name), text(label.value)))
        continue
      }
      let isSameName = isSame(previous[order].name.range, label.name.range)
      let isSameValue = isSame(previous[order].value.range, label.value.range)
      result.append(
        Label(
          isSameName ? known[order].name : text(label.name),
          isSameValue ? known[order].value : text(label.value)))
    }
    return LabelSet(result)
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
    var sum = 0
    for position in labels.indices where position != excluded && !labels[position].value.range.isEmpty {
      // A sum does not depend on the order.
      sum &+= hash(labels[position])
    }
    return sum
  }

  private func hash(_ label: RawLabel) -> Int {
    var hasher = Hasher()
    combine(label.name, &hasher)
    hasher.combine(0xFF as UInt8)
    combine(label.value, &hasher)
    return hasher.finalize()
  }

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
