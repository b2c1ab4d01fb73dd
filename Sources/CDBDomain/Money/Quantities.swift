/// A price: quote units per base unit, as a mantissa at the instrument's price scale.
public struct Price: Sendable, Hashable, Comparable {
  public var mantissa: Int64
  @inlinable public init(mantissa: Int64) { self.mantissa = mantissa }
  @inlinable public static func < (a: Self, b: Self) -> Bool { a.mantissa < b.mantissa }
}

/// An amount of the base asset, as a mantissa at the instrument's quantity scale.
public struct Quantity: Sendable, Hashable, Comparable {
  public var mantissa: Int64
  @inlinable public init(mantissa: Int64) { self.mantissa = mantissa }
  @inlinable public static func < (a: Self, b: Self) -> Bool { a.mantissa < b.mantissa }
  public static let zero = Quantity(mantissa: 0)
}

/// Money in the quote asset at scale ``Money/scale``.
public struct Money: Sendable, Hashable, Comparable {
  /// Digits after the point of every amount of money: 10^-8, as the exchanges account it.
  public static let scale = 8
  public var mantissa: Int64
  @inlinable public init(mantissa: Int64) { self.mantissa = mantissa }
  @inlinable public static func < (a: Self, b: Self) -> Bool { a.mantissa < b.mantissa }
  public static let zero = Money(mantissa: 0)

  /// Whole units, for configuration and tests.
  public init?(units: Int64) {
    let (value, overflow) = units.multipliedReportingOverflow(by: DecimalText.powerOfTen(Money.scale))
    guard !overflow else { return nil }
    mantissa = value
  }
}

/// A dimensionless figure (a return, an exposure, a fee rate) at scale ``Ratio/scale``.
public struct Ratio: Sendable, Hashable, Comparable {
  /// 10^-8: a basis point is 10,000 of these.
  public static let scale = 8
  public static let one = Ratio(mantissa: 100_000_000)
  public static let zero = Ratio(mantissa: 0)
  public var mantissa: Int64
  @inlinable public init(mantissa: Int64) { self.mantissa = mantissa }
  @inlinable public init(basisPoints: Int64) { mantissa = basisPoints &* 10_000 }
  @inlinable public static func < (a: Self, b: Self) -> Bool { a.mantissa < b.mantissa }
}

/// A result does not fit in 64 bits.
public struct ArithmeticOverflow: Error, Equatable, Sendable {
  public init() {}
}

/// The direction in which a quotient is rounded.
public enum Rounding: Sendable {
  case down, up
}

/// Checked arithmetic. Products are taken in 128 bits; a result that does not fit is an error, never a wrap.
public enum Exact {
  @inlinable
  public static func narrow(_ value: Int128) throws(ArithmeticOverflow) -> Int64 {
    guard let result = Int64(exactly: value) else { throw ArithmeticOverflow() }
    return result
  }

  @inlinable
  public static func add(_ a: Int64, _ b: Int64) throws(ArithmeticOverflow) -> Int64 {
    let (sum, overflow) = a.addingReportingOverflow(b)
    guard !overflow else { throw ArithmeticOverflow() }
    return sum
  }

  @inlinable
  public static func subtract(_ a: Int64, _ b: Int64) throws(ArithmeticOverflow) -> Int64 {
    let (difference, overflow) = a.subtractingReportingOverflow(b)
    guard !overflow else { throw ArithmeticOverflow() }
    return difference
  }

  /// `a × b ÷ divisor`, rounded towards minus or plus infinity. `divisor` must be positive, otherwise
  /// the result is an overflow.
  @inlinable
  public static func multiply(
    _ a: Int64, _ b: Int64, dividingBy divisor: Int128, rounding: Rounding
  ) throws(ArithmeticOverflow) -> Int64 {
    guard divisor > 0 else { throw ArithmeticOverflow() }
    let product = Int128(a) * Int128(b)
    let (quotient, remainder) = product.quotientAndRemainder(dividingBy: divisor)
    if remainder == 0 { return try narrow(quotient) }
    switch rounding {
    case .down: return try narrow(remainder < 0 ? quotient - 1 : quotient)
    case .up: return try narrow(remainder > 0 ? quotient + 1 : quotient)
    }
  }
}

extension Money {
  @inlinable
  public static func + (a: Self, b: Self) throws(ArithmeticOverflow) -> Self {
    Money(mantissa: try Exact.add(a.mantissa, b.mantissa))
  }

  @inlinable
  public static func - (a: Self, b: Self) throws(ArithmeticOverflow) -> Self {
    Money(mantissa: try Exact.subtract(a.mantissa, b.mantissa))
  }

  /// This amount times a ratio.
  @inlinable
  public func times(_ ratio: Ratio, rounding: Rounding) throws(ArithmeticOverflow) -> Money {
    Money(
      mantissa: try Exact.multiply(
        mantissa, ratio.mantissa, dividingBy: Int128(Ratio.one.mantissa), rounding: rounding))
  }

  /// This amount as a share of `whole`; an overflow where `whole` is not positive.
  @inlinable
  public func ratio(to whole: Money) throws(ArithmeticOverflow) -> Ratio {
    Ratio(
      mantissa: try Exact.multiply(
        mantissa, Ratio.one.mantissa, dividingBy: Int128(whole.mantissa), rounding: .down))
  }
}

extension Quantity {
  @inlinable
  public static func + (a: Self, b: Self) throws(ArithmeticOverflow) -> Self {
    Quantity(mantissa: try Exact.add(a.mantissa, b.mantissa))
  }

  @inlinable
  public static func - (a: Self, b: Self) throws(ArithmeticOverflow) -> Self {
    Quantity(mantissa: try Exact.subtract(a.mantissa, b.mantissa))
  }
}

extension Price {
  /// The price half-way between two, rounded down to the scale.
  @inlinable
  public static func middle(of a: Price, and b: Price) -> Price {
    // The sum of two prices need not fit in 64 bits; the shared bits plus half of the others do.
    Price(mantissa: (a.mantissa & b.mantissa) + ((a.mantissa ^ b.mantissa) >> 1))
  }

  /// The relative change from `base` to this price; an overflow where `base` is not positive.
  @inlinable
  public func change(from base: Price) throws(ArithmeticOverflow) -> Ratio {
    Ratio(
      mantissa: try Exact.multiply(
        try Exact.subtract(mantissa, base.mantissa), Ratio.one.mantissa,
        dividingBy: Int128(base.mantissa), rounding: .down))
  }

  /// This price moved by a ratio: `price × (1 + ratio)`.
  @inlinable
  public func moved(by ratio: Ratio, rounding: Rounding) throws(ArithmeticOverflow) -> Price {
    Price(
      mantissa: try Exact.multiply(
        mantissa, try Exact.add(Ratio.one.mantissa, ratio.mantissa),
        dividingBy: Int128(Ratio.one.mantissa), rounding: rounding))
  }
}

extension Ratio {
  /// What was lost of an amount, as a share of it, rounded up: 100 that are 95 now have lost 0.05. Negative where
  /// they have grown; an overflow where the amount is not positive.
  public init(lost amount: Money, now: Money) throws(ArithmeticOverflow) {
    mantissa = try Exact.multiply(
      try Exact.subtract(amount.mantissa, now.mantissa), Ratio.one.mantissa,
      dividingBy: Int128(amount.mantissa), rounding: .up)
  }
}

// Stored and sent inside the suite as the bare mantissa; people and other systems get decimal text
// (see Events/CloudEvent.swift).
extension Price: Codable {
  public init(from decoder: any Decoder) throws {
    mantissa = try decoder.singleValueContainer().decode(Int64.self)
  }
  public func encode(to encoder: any Encoder) throws {
    var container = encoder.singleValueContainer()
    try container.encode(mantissa)
  }
}

extension Quantity: Codable {
  public init(from decoder: any Decoder) throws {
    mantissa = try decoder.singleValueContainer().decode(Int64.self)
  }
  public func encode(to encoder: any Encoder) throws {
    var container = encoder.singleValueContainer()
    try container.encode(mantissa)
  }
}

extension Money: Codable {
  public init(from decoder: any Decoder) throws {
    mantissa = try decoder.singleValueContainer().decode(Int64.self)
  }
  public func encode(to encoder: any Encoder) throws {
    var container = encoder.singleValueContainer()
    try container.encode(mantissa)
  }
}

extension Ratio: Codable {
  public init(from decoder: any Decoder) throws {
    mantissa = try decoder.singleValueContainer().decode(Int64.self)
  }
  public func encode(to encoder: any Encoder) throws {
    var container = encoder.singleValueContainer()
    try container.encode(mantissa)
  }
}
