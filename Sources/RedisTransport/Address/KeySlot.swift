/// Which of a cluster's slots a key belongs to
/// (https://redis.io/docs/latest/operate/oss_and_stack/reference/cluster-spec/, key distribution model).
public enum KeySlot {
  public static let count = 16_384

  /// Keys with the same text in their first braces share a slot.
  public static func of(_ key: String) -> Int {
    var part = Substring(key)
    if let open = key.firstIndex(of: "{") {
      let inside = key[key.index(after: open)...]
      if let close = inside.firstIndex(of: "}"), close > inside.startIndex { part = inside[..<close] }
    }
    return Int(crc16(part.utf8)) % count
  }

  /// CRC-16/XMODEM.
  static func crc16(_ bytes: some Sequence<UInt8>) -> UInt16 {
    var crc: UInt16 = 0
    for byte in bytes {
      crc ^= UInt16(byte) << 8
      for _ in 0..<8 { crc = crc & 0x8000 != 0 ? crc << 1 ^ 0x1021 : crc << 1 }
    }
    return crc
  }
}
