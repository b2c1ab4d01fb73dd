import CDBDomain
import CDBPipeline
import Foundation
import NIOCore
import ServiceRuntime
import StructuredLogging

/// `cdb exchange`: a simulated exchange by itself.
public struct ExchangeService: Sendable {
  private let settings: EffectiveConfiguration
  private let listen: String
  private let recordings: String?
  private let faults: String?
  private let speed: Double

  public init(
    settings: EffectiveConfiguration, listen: String, recordings: String?, faults: String?, speed: Double
  ) {
    self.settings = settings
    self.listen = listen
    self.recordings = recordings
    self.faults = faults
    self.speed = speed
  }

  /// Runs until a signal; returns the process's exit code.
  ///
  /// - Parameter say: hears where it listens.
  public func run(_ say: @Sendable (String) -> Void) async throws -> Int32 {
    let options = try options()
    let directory = settings.optionalString("log.directory")
    let telemetry = try Telemetry(
      service: "cdb-exchange", settings: settings, logDirectory: directory,
      toStandardError: directory == nil || settings.string("log.stderr") != "never")
    defer { telemetry.writer.shutdown() }
    let exchange: SimulatedExchange
    do {
      exchange = try await SimulatedExchange.bind(options)
    } catch let error as IOError {
      throw InvalidSetting(
        key: "--listen", value: listen, expected: "an address and a port that are free: \(error)")
    }
    say("simulated exchange: \(exchange.webSocketURL) \(exchange.restURL)")
    let exit = await ServiceRunner(services: [exchange], logger: telemetry.logger).run()
    await telemetry.writer.flush(timeout: .seconds(1))
    if case .failed(let error) = exit { throw error }
    return exit.code
  }

  private func options() throws -> ExchangeOptions {
    guard let address = ListenAddress(listen) else {
      throw InvalidSetting(key: "--listen", value: listen, expected: "host:port, such as 127.0.0.1:8090")
    }
    guard speed > 0, speed <= 1_000 else {
      throw InvalidSetting(key: "--speed", value: "\(speed)", expected: "a factor from above 0 to 1000")
    }
    let isDemo = CDBConfiguration.profile(of: settings) == .demo
    let market: ExchangeOptions.Market =
      if let recordings {
        .recorded(recordings.split(separator: ",").map(String.init), loops: settings.int("feed.loops"))
      } else {
        .seeded(UInt64(settings.int("feed.seed")), isDemo ? .demo : .normal)
      }
    var options = ExchangeOptions(
      market: market, instruments: try PipelineConfiguration(settings).instruments)
    options.host = address.host
    options.port = address.port
    options.speed = speed
    options.plan = try plan()
    // A client that stays sees a restart as what it missed: numbers go on, far ahead of those before.
    options.numberedFrom = ProcessClock.wall().nanoseconds / 1_000_000
    return options
  }

  private func plan() throws -> FaultPlan {
    guard let faults else { return FaultPlan() }
    if faults.hasPrefix("random:") {
      guard let seed = UInt64(faults.dropFirst("random:".count)) else {
        throw InvalidSetting(key: "--faults", value: faults, expected: "random: and a number")
      }
      return FaultPlan(seed: seed, duration: 86_400)
    }
    do {
      let list = try Data(contentsOf: URL(filePath: faults))
      return FaultPlan(try JSONDecoder().decode([Fault].self, from: list))
    } catch let unknown as UnknownFault {
      throw InvalidSetting(key: "--faults", value: faults, expected: "faults that there are: \(unknown)")
    } catch {
      throw InvalidSetting(
        key: "--faults", value: faults,
        expected: #"a file with a list such as [{"kind":"gap","start":5}]"#)
    }
  }
}
