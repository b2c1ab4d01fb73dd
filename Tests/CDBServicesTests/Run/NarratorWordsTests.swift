import CDBGate
import ServiceRuntime
import Testing

@testable import CDBServices

@Suite("What a run says at the terminal")
struct NarratorWordsTests {
  @Test("the command that asks it has the address and the data directory where they are not the usual ones")
  func question() throws {
    let usual = ListenAddress(port: 8000)
    let other = try #require(ListenAddress("127.0.0.1:9000"))
    #expect(Narrator.question(at: usual, dataDirectory: "data") == "cdb why")
    #expect(Narrator.question(at: usual, dataDirectory: "/var/lib/cdb") == "cdb why --data-dir /var/lib/cdb")
    #expect(
      Narrator.question(at: other, dataDirectory: "/var/lib/cdb")
        == "cdb why --listen 127.0.0.1:9000 --data-dir /var/lib/cdb")
    #expect(Narrator.question(at: other, dataDirectory: "data") == "cdb why --listen 127.0.0.1:9000")
    #expect(
      Narrator.question(at: usual, dataDirectory: "it's mine") == #"cdb why --data-dir 'it'\''s mine'"#)
  }

  @Test("how long the strategies need follows from the windows of those that run")
  func warmUp() throws {
    func seconds(_ flags: [String: String]) throws -> Double {
      DiagnosisThresholds(try CDBConfiguration.load(file: nil, environment: [:], flags: flags)).warmUp
    }
    #expect(try seconds([:]) == 10)
    #expect(try seconds(["profile": "default"]) == 35)
    #expect(try seconds(["strategy.enabled": "ema_cross"]) == 25)
    #expect(try seconds(["profile": "default", "strategy.enabled": "momentum,ema_cross"]) == 35)
  }
}
