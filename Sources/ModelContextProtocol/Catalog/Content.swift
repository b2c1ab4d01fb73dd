import Foundation

/// What a resource holds.
public struct ResourceContents: Sendable, Equatable {
  /// Text, or bytes that are none.
  public enum Body: Sendable, Equatable {
    case text(String)
    case bytes([UInt8])
  }

  public var uri: String
  public var mimeType: String?
  public var body: Body

  public init(uri: String, mimeType: String? = nil, body: Body) {
    self.uri = uri
    self.mimeType = mimeType
    self.body = body
  }

  var json: JSONValue {
    var object: JSONObject = ["uri": .string(uri)]
    object["mimeType"] = mimeType.map { .string($0) }
    switch body {
    case .text(let text): object["text"] = .string(text)
    case .bytes(let bytes): object["blob"] = .string(Data(bytes).base64EncodedString())
    }
    return .object(object)
  }
}

/// A piece of what a tool answers or a prompt says.
public enum Content: Sendable, Equatable {
  case text(String)
  case image([UInt8], mimeType: String)
  case audio([UInt8], mimeType: String)
  /// A resource that the client may read.
  case link(uri: String, name: String, mimeType: String? = nil)
  /// A resource with what it holds.
  case resource(ResourceContents)

  var json: JSONValue {
    switch self {
    case .text(let text): return ["type": "text", "text": .string(text)]
    case .image(let bytes, let mimeType): return Self.media("image", bytes, mimeType)
    case .audio(let bytes, let mimeType): return Self.media("audio", bytes, mimeType)
    case .link(let uri, let name, let mimeType):
      var object: JSONObject = ["type": "resource_link", "uri": .string(uri), "name": .string(name)]
      object["mimeType"] = mimeType.map { .string($0) }
      return .object(object)
    case .resource(let contents): return ["type": "resource", "resource": contents.json]
    }
  }

  private static func media(_ type: String, _ bytes: [UInt8], _ mimeType: String) -> JSONValue {
    [
      "type": .string(type), "data": .string(Data(bytes).base64EncodedString()),
      "mimeType": .string(mimeType),
    ]
  }
}
