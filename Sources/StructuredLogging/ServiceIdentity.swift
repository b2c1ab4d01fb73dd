import Glibc

/// Who writes the log lines.
public struct ServiceIdentity: Sendable, Equatable {
  /// `service.name`.
  public var name: String
  /// `service.version`.
  public var version: String
  /// `service.node.name`: which of the instances of the service this is.
  public var nodeName: String
  /// `event.dataset`.
  public var dataset: String

  /// - Parameters:
  ///   - nodeName: The name of the instance; by default the host's name.
  ///   - dataset: Where the lines come from; by default the service's name, as the schema advises.
  ///
  /// Of each text the first 256 bytes are written.
  public init(
    name: String,
    version: String,
    nodeName: String = ServiceIdentity.hostName,
    dataset: String? = nil
  ) {
    self.name = name
    self.version = version
    self.nodeName = nodeName
    self.dataset = dataset ?? name
  }

  /// The host's name as the kernel knows it, or `localhost`.
  public static var hostName: String {
    var text = [CChar](repeating: 0, count: 256)
    let status = gethostname(&text, text.count - 1)
    let name = String(decoding: text.prefix { $0 != 0 }.map { UInt8(bitPattern: $0) }, as: UTF8.self)
    return status == 0 && !name.isEmpty ? name : "localhost"
  }
}
