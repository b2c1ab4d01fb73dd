import Foundation

/// A request that a client sends over a stream's connection.
struct StreamRequest: Decodable {
  var method: String
  var params: [String]?
  var id: Int64?

  private enum CodingKeys: String, CodingKey { case method, params, id }

  /// Changes the subscriptions; gives the exchange's answer.
  func answer(_ subscriptions: inout Set<String>) -> String {
    let id = id.map { "\($0)" } ?? "null"
    switch method {
    case "SUBSCRIBE": subscriptions.formUnion(params ?? [])
    case "UNSUBSCRIBE": subscriptions.subtract(params ?? [])
    case "LIST_SUBSCRIPTIONS":
      let names = subscriptions.sorted().map { "\"\($0.filter { $0 != "\"" && $0 != "\\" })\"" }
      return #"{"result":[\#(names.joined(separator: ","))],"id":\#(id)}"#
    default: return #"{"error":{"code":2,"msg":"Invalid request: unknown method"},"id":\#(id)}"#
    }
    return #"{"result":null,"id":\#(id)}"#
  }
}
