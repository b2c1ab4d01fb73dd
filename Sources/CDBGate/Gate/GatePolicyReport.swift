import CDBDomain

/// A gate's policy, for whoever asks.
public struct GatePolicyReport: Sendable, Hashable, Codable {
  public struct Check: Sendable, Hashable, Codable {
    public var check: GateCheck
    /// How long a pass counts, seconds.
    public var validitySeconds: Double
    /// The age at which a pass is renewed, seconds.
    public var renewalSeconds: Double

    enum CodingKeys: String, CodingKey {
      case check
      case validitySeconds = "validity_seconds"
      case renewalSeconds = "renewal_seconds"
    }
  }

  /// In the order in which they are checked. A verification carries out all of them anew.
  public var checks: [Check]
  /// The longest that a check may take, seconds.
  public var deadlineSeconds: Double
  /// How long a cause must be gone before the gate verifies, seconds.
  public var cooldownSeconds: Double
  /// From a failed verification to the next, seconds; it grows to the longest.
  public var retrySeconds: Double
  public var longestRetrySeconds: Double
  /// Whether five passes open it without anybody asking.
  public var opensByItself: Bool
  /// The reasons after which only a person opens it again, beside every incident from warning on.
  public var needsPerson: [String]

  enum CodingKeys: String, CodingKey {
    case checks
    case deadlineSeconds = "deadline_seconds"
    case cooldownSeconds = "cooldown_seconds"
    case retrySeconds = "retry_seconds"
    case longestRetrySeconds = "longest_retry_seconds"
    case opensByItself = "opens_by_itself"
    case needsPerson = "needs_person"
  }

  public init(_ policy: GatePolicy) {
    func seconds(_ nanoseconds: Int64) -> Double { Double(nanoseconds) / 1e9 }
    checks = GateCheck.allCases.map {
      let timing = policy.timing(of: $0)
      return Check(
        check: $0, validitySeconds: seconds(timing.validity), renewalSeconds: seconds(timing.renewal))
    }
    deadlineSeconds = seconds(policy.checkDeadline)
    cooldownSeconds = seconds(policy.cooldown)
    retrySeconds = seconds(policy.retryAfter)
    longestRetrySeconds = seconds(policy.longestRetry)
    opensByItself = policy.opensByItself
    needsPerson = policy.needsPerson.map(\.code).sorted()
  }

  /// For a person.
  public func text(in language: Language) -> String {
    func time(_ seconds: Double) -> String {
      seconds == seconds.rounded()
        ? "\(Int(seconds)) s" : DecimalText.localized("\(seconds)", in: language) + " s"
    }
    var lines = checks.map {
      Translation(
        en:
          "\($0.check.rawValue): a pass counts \(time($0.validitySeconds)), renewed after \(time($0.renewalSeconds))",
        de: "\($0.check.rawValue): gilt \(time($0.validitySeconds)), erneuert nach \(time($0.renewalSeconds))"
      )[language]
    }
    lines.append(
      Translation(
        en: "a check that takes longer than \(time(deadlineSeconds)) could not be carried out",
        de: "eine Prüfung von mehr als \(time(deadlineSeconds)) gilt als nicht ausführbar")[language])
    lines.append(
      opensByItself
        ? Translation(
          en: "it verifies by itself \(time(cooldownSeconds)) after a cause is gone, "
            + "after failures every \(time(retrySeconds)) to \(time(longestRetrySeconds))",
          de: "es prüft von selbst \(time(cooldownSeconds)) nach dem Ende einer Ursache, "
            + "nach Fehlschlägen alle \(time(retrySeconds)) bis \(time(longestRetrySeconds))")[language]
        : Translation(
          en: "only a person opens it (gate.opening is manual)",
          de: "nur ein Mensch öffnet es (gate.opening ist manual)")[language])
    lines.append(
      Translation(
        en: "needs a person: every incident from warning on, and ",
        de: "braucht einen Menschen: jeder Vorfall ab Warnung, und ")[language]
        + needsPerson.joined(separator: ", "))
    return lines.joined(separator: "\n")
  }
}
