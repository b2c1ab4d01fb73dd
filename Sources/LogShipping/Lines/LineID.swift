import CCRC32C

/// The `_id` of a line's document: 36 characters that only this line of this life of a file has.
enum LineID {
  /// How many characters an id has.
  static let count = 36

  /// What a file's life is called by: different for every number of one shipper.
  ///
  /// - Parameter shipper: a random number that the shipper's state was made with.
  static func key(shipper: UInt64, number: UInt64) -> UInt64 {
    // The finalizer of SplitMix64, which gives no two numbers the same result.
    var mixed = shipper &+ number &* 0x9e37_79b9_7f4a_7c15
    mixed = (mixed ^ (mixed >> 30)) &* 0xbf58_476d_1ce4_e5b9
    mixed = (mixed ^ (mixed >> 27)) &* 0x94d0_49bb_1331_11eb
    return mixed ^ (mixed >> 31)
  }

  /// Writes the life's key, the line's offset and its checksum in hexadecimal.
  ///
  /// - Parameter content: the line as it was cut, without its end.
  @inline(__always)
  static func append(
    key: UInt64, offset: UInt64, content: UnsafeRawBufferPointer, to output: inout [UInt8]
  ) {
    append(key, digits: 16, to: &output)
    append(offset, digits: 12, to: &output)
    append(UInt64(ccrc32c(0, content.baseAddress, content.count)), digits: 8, to: &output)
  }

  @inline(__always)
  private static func append(_ number: UInt64, digits: Int, to output: inout [UInt8]) {
    var shift = UInt64(digits * 4)
    while shift > 0 {
      shift -= 4
      output.append(JSONText.hexadecimal(UInt8(truncatingIfNeeded: number >> shift & 15)))
    }
  }
}
