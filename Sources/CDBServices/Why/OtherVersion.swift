import Foundation
import ServiceRuntime

/// A service of ours answered in the form of another version, and what is needed cannot be read of it.
public struct OtherVersion: Error, CustomStringConvertible, ExitCodeProviding {
  /// Where the answer is not as it is expected.
  public enum Detail: Sendable, Hashable {
    /// It does not have this: an earlier version did not tell it.
    case missing(String)
    /// It has something else there.
    case unknown(String)
  }

  public var address: String
  public var operation: String
  public var detail: Detail
  public var exitCode: Int32 { 3 }
  public var description: String {
    let (version, found) =
      switch detail {
      case .missing(let key): ("an older version", "does not have \(key)")
      case .unknown(let key): ("another version", "has something unknown as \(key)")
      }
    return
      "what answers at \(address) is of \(version) (its answer to \(operation) \(found)): ask it with the cdb that it was started "
      + "with, or start it anew with this one"
  }
}

extension OtherVersion.Detail {
  /// What is known of an answer that cannot be read; nil where it is not one of ours.
  init?(_ error: DecodingError, in body: [UInt8]) {
    // What anybody may answer is no answer of ours: one of those has the names of ours.
    guard let object = try? JSONSerialization.jsonObject(with: Data(body)) as? [String: Any],
      !Self.names.isDisjoint(with: object.keys)
    else { return nil }
    func path(_ context: DecodingError.Context, _ last: (any CodingKey)? = nil) -> String {
      (context.codingPath + [last].compactMap { $0 }).map { $0.intValue.map { "\($0)" } ?? $0.stringValue }
        .joined(separator: ".")
    }
    switch error {
    case .keyNotFound(let key, let context): self = .missing(path(context, key))
    case .valueNotFound(_, let context): self = .missing(path(context))
    case .typeMismatch(_, let context), .dataCorrupted(let context): self = .unknown(path(context))
    @unknown default: return nil
    }
  }

  /// What answers of ours have had from the first on, at least one of them.
  private static let names: Set<String> = [
    "as_of_ns", "block", "checks", "components", "entries", "feed", "incidents", "intervals", "stages",
    "state",
    "verdict",
  ]
}
