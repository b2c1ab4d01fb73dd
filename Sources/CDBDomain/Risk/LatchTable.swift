/// The latches of one account: one a layer, or one a layer and instrument.
public struct LatchTable: Sendable, Hashable {
  let instruments: Int
  /// Layer after layer, each with a place for every instrument; a layer of the whole account uses its first.
  private var latches: [Latch]

  public init(instruments: Int) {
    self.instruments = instruments
    latches = Array(repeating: Latch(), count: RiskLayerName.allCases.count * max(1, instruments))
  }

  /// The latch that a layer uses for an instrument.
  public subscript(_ layer: RiskLayerName, _ instrument: InstrumentID) -> Latch {
    get { latches[place(layer, instrument)] }
    set { latches[place(layer, instrument)] = newValue }
  }

  /// Every latch of a layer, by instrument where it has one for each.
  public subscript(_ layer: RiskLayerName) -> ArraySlice<Latch> {
    let start = layer.position * max(1, instruments)
    return latches[start..<start + (layer.isPerInstrument ? instruments : 1)]
  }

  private func place(_ layer: RiskLayerName, _ instrument: InstrumentID) -> Int {
    layer.position * max(1, instruments) + (layer.isPerInstrument ? Int(instrument.index) : 0)
  }
}

extension LatchTable: Codable {
  private struct Form: Codable {
    var instruments: Int
    var layers: [String: [Latch]]
  }

  /// By the layers' names: a layer that the snapshot does not know begins untripped.
  public init(from decoder: any Decoder) throws {
    let form = try Form(from: decoder)
    guard 0...4_096 ~= form.instruments else {
      throw DecodingError.dataCorrupted(
        .init(codingPath: decoder.codingPath, debugDescription: "latches of \(form.instruments) instruments"))
    }
    self.init(instruments: form.instruments)
    for layer in RiskLayerName.allCases {
      guard let kept = form.layers[layer.rawValue] else { continue }
      let places = self[layer].indices
      guard kept.count == places.count else {
        throw DecodingError.dataCorrupted(
          .init(
            codingPath: decoder.codingPath,
            debugDescription:
              "\(layer.rawValue) has \(kept.count) latches for \(form.instruments) instruments"))
      }
      latches.replaceSubrange(places, with: kept)
    }
  }

  public func encode(to encoder: any Encoder) throws {
    let layers = RiskLayerName.allCases.map { ($0.rawValue, Array(self[$0])) }
    try Form(instruments: instruments, layers: Dictionary(uniqueKeysWithValues: layers)).encode(to: encoder)
  }
}

extension RiskLayerName {
  /// The layer's place in the order, from 0.
  var position: Int {
    switch self {
    case .killSwitch: 0
    case .drawdownDaily: 1
    case .drawdownTotal: 2
    case .spread: 3
    case .slippage: 4
    case .dataStaleness: 5
    case .exposure: 6
    case .positionSize: 7
    case .orderRate: 8
    case .stopLoss: 9
    }
  }
}
