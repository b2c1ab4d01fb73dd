/// Since when each child has shown the same, as far as anyone looked.
struct IdleWatch {
  private struct Sight {
    var fingerprint: UInt64
    var since: Duration
  }

  private var sights: [ObjectIdentifier: Sight] = [:]

  /// Looks at all children, and returns those that have not changed for at least `age`. One that was never looked at
  /// before is not idle yet.
  mutating func idle<Node>(
    _ nodes: [Node], age: Duration, now: Duration, look: (Node) -> (ObjectIdentifier, UInt64)
  ) -> [Node] {
    nodes.filter { node in
      let (child, fingerprint) = look(node)
      if let sight = sights[child], sight.fingerprint == fingerprint { return now - sight.since >= age }
      sights[child] = Sight(fingerprint: fingerprint, since: now)
      return false
    }
  }

  func isUnchanged(_ child: ObjectIdentifier, _ fingerprint: UInt64) -> Bool {
    sights[child]?.fingerprint == fingerprint
  }

  mutating func forget(_ child: ObjectIdentifier) { sights[child] = nil }
}
