import Logging

extension LineBuffer {
  /// How scalars other than strings are written.
  enum ScalarStyle {
    /// Integers, floating point and booleans as JSON has them.
    case typed
    /// Everything as a string: the Elastic Common Schema maps `labels.*` as keyword.
    case keyword
  }

  /// Containers nested deeper than this are cut, so that hostile metadata cannot exhaust the stack.
  static var deepestNesting: Int { 16 }

  /// A metadata value as JSON. Returns false if it does not fit; the caller then rewinds.
  mutating func json(_ value: Logger.MetadataValue, style: ScalarStyle, depth: Int = 0) -> Bool {
    switch value {
    case .string(let text):
      return json(string: text)
    case .stringConvertible(let convertible):
      if style == .typed, let fits = json(scalar: convertible) { return fits }
      return json(string: convertible.description)
    case .array(let elements):
      return json(container: "[", "]", depth: depth) { line in
        var first = true
        for element in elements {
          let mark = line.count
          if !first { line.append(UInt8(ascii: ",")) }
          guard line.json(element, style: style, depth: depth + 1) else {
            return line.cut(at: mark)
          }
          first = false
        }
        return true
      }
    case .dictionary(let members):
      return json(container: "{", "}", depth: depth) { line in
        var first = true
        for (key, member) in members {
          let mark = line.count
          if !first { line.append(UInt8(ascii: ",")) }
          guard line.json(key: key), line.json(member, style: style, depth: depth + 1) else {
            return line.cut(at: mark)
          }
          first = false
        }
        return true
      }
    }
  }

  private mutating func json(
    container open: StaticString,
    _ close: StaticString,
    depth: Int,
    _ body: (inout LineBuffer) -> Bool
  ) -> Bool {
    guard available >= 2 else { return false }
    append(open)
    owed += 1
    // A container too deep stays empty.
    let fits: Bool
    if depth < Self.deepestNesting {
      fits = body(&self)
    } else {
      truncated = true
      fits = true
    }
    owed -= 1
    append(close)
    return fits
  }

  /// Ends a container before the element that did not fit; in the first pass the whole line starts again.
  private mutating func cut(at mark: Int) -> Bool {
    rewind(to: mark)
    truncated = true
    return overflow == .share
  }

  /// Nil if the value is no number and no boolean. Comparing type identities first is several times cheaper
  /// than a chain of conditional casts.
  private mutating func json(scalar value: any CustomStringConvertible & Sendable) -> Bool? {
    let type = type(of: value) as Any.Type
    if type == Int.self, let value = value as? Int { return json(integer: Int64(value)) }
    if type == Double.self, let value = value as? Double { return json(number: value) }
    if type == Bool.self, let value = value as? Bool { return json(boolean: value) }
    if type == Int64.self, let value = value as? Int64 { return json(integer: value) }
    if type == UInt64.self, let value = value as? UInt64 { return json(natural: value) }
    if type == UInt.self, let value = value as? UInt { return json(natural: UInt64(value)) }
    if type == Int32.self, let value = value as? Int32 { return json(integer: Int64(value)) }
    if type == UInt32.self, let value = value as? UInt32 { return json(natural: UInt64(value)) }
    if type == UInt16.self, let value = value as? UInt16 { return json(natural: UInt64(value)) }
    if type == Int16.self, let value = value as? Int16 { return json(integer: Int64(value)) }
    if type == UInt8.self, let value = value as? UInt8 { return json(natural: UInt64(value)) }
    if type == Int8.self, let value = value as? Int8 { return json(integer: Int64(value)) }
    if type == Float.self, let value = value as? Float { return json(number: value) }
    return nil
  }

  /// Through its own description: 0.1 as `Float` would become 0.10000000149011612 as `Double`.
  private mutating func json(number value: Float) -> Bool {
    guard value.isFinite else { return json(number: Double(value)) }
    guard available >= 32 else { return false }
    append(verbatim: value.description)
    return true
  }

  private mutating func json(integer value: Int64) -> Bool {
    guard available >= 20 else { return false }
    append(decimal: value)
    return true
  }

  private mutating func json(natural value: UInt64) -> Bool {
    guard available >= 20 else { return false }
    append(decimal: value)
    return true
  }

  private mutating func json(boolean value: Bool) -> Bool {
    guard available >= 5 else { return false }
    append(value ? "true" : "false")
    return true
  }
}
