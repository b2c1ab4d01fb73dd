/// What the message for a time may hold.
///
/// Source: google/protobuf/timestamp.proto
enum ProtobufTimestamp {
  /// From the first of January of the year 1 to the end of 9999.
  static let seconds: ClosedRange<Int64> = -62_135_596_800...253_402_300_799
  static let nanoseconds: ClosedRange<Int32> = 0...999_999_999
}
