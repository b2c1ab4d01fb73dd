/// The members of a JSON object, in the order in which they were put in. A name is there once.
///
/// Two objects are equal when they have equal members, in whatever order. Names are compared as Swift
/// compares strings: two spellings of the same character are the same.
public struct JSONObject: Sendable, Equatable {
  /// One member.
  public struct Member: Sendable, Equatable {
    public var name: String
    public var value: JSONValue
  }

  /// The members in their order.
  public private(set) var members: [Member] = []
  /// Where a name stands; kept only for objects that are not small.
  private var places: [String: Int] = [:]
  private static let small = 12

  public init() {}

  /// Of members with the same name the last one stays.
  public init(_ elements: [(String, JSONValue)]) {
    for (name, value) in elements { self[name] = value }
  }

  public var count: Int { members.count }
  public var isEmpty: Bool { members.isEmpty }

  /// The value of that name. Setting nil takes the member out.
  public subscript(name: String) -> JSONValue? {
    get { place(of: name).map { members[$0].value } }
    set {
      switch (place(of: name), newValue) {
      case (let place?, let value?): members[place].value = value
      case (nil, let value?): append(name, value)
      case (let place?, nil):
        members.remove(at: place)
        places = [:]
        index()
      case (nil, nil): break
      }
    }
  }

  /// - Returns: false where the name is there already; then nothing is changed.
  mutating func insert(_ name: String, _ value: JSONValue) -> Bool {
    guard place(of: name) == nil else { return false }
    append(name, value)
    return true
  }

  private func place(of name: String) -> Int? {
    places.isEmpty ? members.firstIndex { $0.name == name } : places[name]
  }

  private mutating func append(_ name: String, _ value: JSONValue) {
    members.append(Member(name: name, value: value))
    if places.isEmpty { index() } else { places[name] = members.count - 1 }
  }

  private mutating func index() {
    guard members.count > Self.small else { return }
    for (place, member) in members.enumerated() { places[member.name] = place }
  }

  public static func == (left: Self, right: Self) -> Bool {
    left.count == right.count && left.members.allSatisfy { right[$0.name] == $0.value }
  }
}

extension JSONObject: ExpressibleByDictionaryLiteral {
  public init(dictionaryLiteral elements: (String, JSONValue)...) { self.init(elements) }
}
