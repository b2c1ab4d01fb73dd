/// The one-letter fields of a Binance event. What a letter means depends on the event: `t` is a trade's
/// id, or a candle's start.
struct BinanceFields {
  var e = JSONValue.absent
  var E = JSONValue.absent
  var s = JSONValue.absent
  var t = JSONValue.absent
  var T = JSONValue.absent
  var p = JSONValue.absent
  var q = JSONValue.absent
  var m = JSONValue.absent
  var u = JSONValue.absent
  var U = JSONValue.absent
  var a = JSONValue.absent
  var A = JSONValue.absent
  var b = JSONValue.absent
  var B = JSONValue.absent
  var f = JSONValue.absent
  var l = JSONValue.absent
  var k = JSONValue.absent
  var o = JSONValue.absent
  var h = JSONValue.absent
  var c = JSONValue.absent
  var v = JSONValue.absent
  var n = JSONValue.absent
  var x = JSONValue.absent

  init() {}

  /// The members of a nested object, such as a candle's `k`. Their ranges are within the object's own bytes.
  init(object: JSONValue, in text: UnsafeRawBufferPointer) throws(JSONScanner.SyntaxError) {
    var scanner = JSONScanner(object.bytes(in: text))
    try scanner.openObject()
    while let key = try scanner.nextKey() {
      let place = scanner.position
      let value = try scanner.value()
      guard key.kind == .string, key.count == 1 else { continue }
      guard set(key.bytes(in: scanner.bytes)[0], to: value) else { throw .unexpectedByte(at: place) }
    }
  }

  /// Notes a field; false where it was there already.
  @inline(__always)
  mutating func set(_ letter: UInt8, to value: JSONValue) -> Bool {
    switch letter {
    case UInt8(ascii: "e"): Self.place(value, in: &e)
    case UInt8(ascii: "E"): Self.place(value, in: &E)
    case UInt8(ascii: "s"): Self.place(value, in: &s)
    case UInt8(ascii: "t"): Self.place(value, in: &t)
    case UInt8(ascii: "T"): Self.place(value, in: &T)
    case UInt8(ascii: "p"): Self.place(value, in: &p)
    case UInt8(ascii: "q"): Self.place(value, in: &q)
    case UInt8(ascii: "m"): Self.place(value, in: &m)
    case UInt8(ascii: "u"): Self.place(value, in: &u)
    case UInt8(ascii: "U"): Self.place(value, in: &U)
    case UInt8(ascii: "a"): Self.place(value, in: &a)
    case UInt8(ascii: "A"): Self.place(value, in: &A)
    case UInt8(ascii: "b"): Self.place(value, in: &b)
    case UInt8(ascii: "B"): Self.place(value, in: &B)
    case UInt8(ascii: "f"): Self.place(value, in: &f)
    case UInt8(ascii: "l"): Self.place(value, in: &l)
    case UInt8(ascii: "k"): Self.place(value, in: &k)
    case UInt8(ascii: "o"): Self.place(value, in: &o)
    case UInt8(ascii: "h"): Self.place(value, in: &h)
    case UInt8(ascii: "c"): Self.place(value, in: &c)
    case UInt8(ascii: "v"): Self.place(value, in: &v)
    case UInt8(ascii: "n"): Self.place(value, in: &n)
    case UInt8(ascii: "x"): Self.place(value, in: &x)
    default: true
    }
  }

  @inline(__always)
  private static func place(_ value: JSONValue, in field: inout JSONValue) -> Bool {
    guard !field.isPresent else { return false }
    field = value
    return true
  }
}
