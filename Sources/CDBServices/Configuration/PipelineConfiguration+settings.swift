import CDBDomain
import CDBGate
import CDBPipeline
import ServiceRuntime

/// A setting whose text is of the right kind and makes no sense.
public struct InvalidSetting: Error, CustomStringConvertible, ExitCodeProviding {
  public var key: String
  public var value: String
  public var expected: String
  public var exitCode: Int32 { ExitCode.usage }
  public var description: String { "configuration key \(key) is \(value); expected \(expected)" }
}

extension PipelineConfiguration {
  /// What the stages decide by, from the effective configuration.
  public init(_ settings: EffectiveConfiguration) throws {
    let symbols = settings.list("feed.symbols").map { $0.uppercased() }
    guard symbols.allSatisfy({ !$0.isEmpty && $0.allSatisfy { $0.isASCII && ($0.isLetter || $0.isNumber) } })
    else {
      throw InvalidSetting(
        key: "feed.symbols", value: symbols.joined(separator: ","), expected: "symbols such as BTCUSDT")
    }
    let catalogue: InstrumentCatalogue
    do {
      catalogue = try InstrumentCatalogue(symbols.map(Instrument.binanceSpot))
    } catch {
      throw InvalidSetting(
        key: "feed.symbols", value: symbols.joined(separator: ","), expected: "one to 4096 different symbols")
    }
    self.init(profile: CDBConfiguration.profile(of: settings).rawValue, instruments: catalogue)
    feed.maximumPriceChange = try settings.ratio("feed.maximum_price_change", atLeast: 1)
    strategies = try settings.strategies()
    momentum = try MomentumParameters(settings)
    emaCross = try EMACrossParameters(settings)
    account.name = settings.string("account.name")
    guard !account.name.isEmpty, account.name != RiskEngine.canaryName else {
      throw InvalidSetting(
        key: "account.name", value: account.name,
        expected: "a name other than \(RiskEngine.canaryName), which is the shadow account's")
    }
    account.startingCash = try settings.money("account.starting_cash")
    risk = try RiskLimits(settings)
    orders = OrderRules(settings)
    exchange = try PaperExchangeRules(settings)
    gate.enforced = settings.string("gate.mode") == "enforced"
  }
}

extension EffectiveConfiguration {
  /// A share such as `0.0005`, exact to eight digits.
  func ratio(_ key: String, atLeast minimum: Int64 = 0) throws -> Ratio {
    guard let mantissa = try? DecimalText.parse(string(key), scale: Ratio.scale), mantissa >= minimum,
      mantissa <= 100 * Ratio.one.mantissa
    else {
      throw InvalidSetting(
        key: key, value: string(key), expected: "a share such as 0.0005, of at most eight digits, up to 100")
    }
    return Ratio(mantissa: mantissa)
  }

  /// A share that some figure can be beyond.
  func ratio(_ key: String, below end: Ratio) throws -> Ratio {
    let ratio = try ratio(key)
    guard ratio < end else {
      let end = DecimalText.render(end.mantissa, scale: Ratio.scale)
      throw InvalidSetting(key: key, value: string(key), expected: "a share below \(end)")
    }
    return ratio
  }

  /// An amount of the quote asset, more than nothing.
  func money(_ key: String) throws -> Money {
    guard let mantissa = try? DecimalText.parse(string(key), scale: Money.scale), mantissa > 0 else {
      throw InvalidSetting(key: key, value: string(key), expected: "an amount such as 1000")
    }
    return Money(mantissa: mantissa)
  }
}

extension Duration {
  /// Whole nanoseconds, held at the ends of the range.
  public var nanoseconds: Int64 {
    let (seconds, attoseconds) = components
    let (scaled, overflow) = seconds.multipliedReportingOverflow(by: 1_000_000_000)
    guard !overflow else { return seconds > 0 ? .max : .min }
    let (sum, carried) = scaled.addingReportingOverflow(attoseconds / 1_000_000_000)
    return carried ? (seconds > 0 ? .max : .min) : sum
  }
}
