import Foundation

/// Which native bucket a value is in.
enum NativeIndex {
  /// The upper bounds of the buckets of one octave, as fractions of 0.5 ..< 1, by schema from 1.
  private static let fractions: [[Double]] = (1...8).map { schema in
    let count = 1 << schema
    return (0..<count).map { exp2(Double($0) / Double(count)) / 2 }
  }

  /// - Parameters:
  ///   - magnitude: more than zero. Infinity has the bucket behind that of the greatest finite number.
  ///   - schema: -4 ... 8
  static func of(_ magnitude: Double, schema: Int32) -> Int32 {
    if magnitude.isInfinite { return of(.greatestFiniteMagnitude, schema: schema) + 1 }
    let parts = frexp(magnitude)
    let exponent = Int32(parts.1)
    guard schema > 0 else {
      // A power of two is the upper bound of its bucket.
      let octave = parts.0 == 0.5 ? exponent - 1 : exponent
      return (octave + (1 << -schema) - 1) >> -schema
    }
    let bounds = fractions[Int(schema) - 1]
    var low = 0
    var high = bounds.count
    while low < high {
      let middle = (low + high) / 2
      if bounds[middle] < parts.0 { low = middle + 1 } else { high = middle }
    }
    return Int32(low) + (exponent - 1) * Int32(bounds.count)
  }
}
